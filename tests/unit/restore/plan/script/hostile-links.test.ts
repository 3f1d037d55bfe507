import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prelude } from '../../../../../restore/plan/script/prelude.ts';
import { renderAction } from '../../../../../restore/plan/script/render-action.ts';
import type { Action } from '../../../../../restore/plan/step.ts';
import {
  file,
  leading,
  link,
  machines,
  mountFolders,
  ofThisSystem,
  ordinaryTree,
  planOf,
  unmountFolders,
} from '../../../../fixtures/leading-links.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-links-'));
  mountFolders();
});
afterEach(() => {
  unmountFolders();
  rmSync(work, { recursive: true, force: true });
});

function shell(commands: string): { code: number | null; text: string } {
  const script = join(work, 'restore.sh');
  writeFileSync(script, `set -eu\nexport LC_ALL=C\n${prelude}\nSET_ID=an-id\n${commands}\n`);
  const done = spawnSync('dash', [script], { encoding: 'utf8' });
  return { code: done.status, text: done.stdout + done.stderr };
}

function scriptOf(actions: readonly Action[]): string {
  return actions.map((action) => renderAction(action, { archives: [], sets: [] })).join('\n');
}

describe('[A5] [C7] a link that the set left where the script works', () => {
  it.each(leading)('stops it, and nothing is written through it: $name', ({ prepare, actions, named }) => {
    prepare();
    const before = ofThisSystem();
    const { code, text } = shell(scriptOf(actions()));
    expect(text).toContain(named.replace('a file nor a folder', 'a folder nor a file'));
    expect(code).toBe(1);
    expect(ofThisSystem()).toEqual(before);
  });

  it.each(Object.entries(machines))('is nowhere on an ordinary machine: %s', (_, layout) => {
    ordinaryTree();
    const lines = scriptOf(planOf(layout()).steps.flatMap((step) => step.actions)).split('\n');
    const checks = lines.filter((line) => line.startsWith('assert_own '));
    expect(checks.length).toBeGreaterThan(8);
    expect(shell(checks.join('\n'))).toEqual({ code: 0, text: '' });
  });
});

describe('[C7] the marker that the script leaves', () => {
  const marker = (at: string): unknown => JSON.parse(readFileSync(`${at}/rekindle/restored.json`, 'utf8'));
  const left = (marks: string[] = []): { code: number | null; text: string } =>
    shell(scriptOf([{ type: 'copy-log', root: '/mnt/target', marks }]));

  it.each([
    ['an absolute link', () => link('var/log', '/data/log'), '/mnt/target/data/log'],
    ['a link of a link', () => [link('var', 'data/var'), link('data/var/log', '/log')], '/mnt/target/log'],
    ['a link above its root', () => link('var/log', '../../../../victim'), '/mnt/target/victim'],
    ['no link', () => file('var/log/messages'), '/mnt/target/var/log'],
  ])('is where the machine has its log, behind %s', (_, prepare, at) => {
    prepare();
    const before = ofThisSystem();
    expect(left()).toEqual({ code: 0, text: '' });
    expect(marker(at)).toMatchObject({ set: 'an-id' });
    expect(ofThisSystem()).toEqual(before);
  });

  it('replaces links that have its names', () => {
    for (const name of ['restored.json', 'restore.sh']) link(`var/log/rekindle/${name}`, '/mnt/victim/file');
    link('boot/rekindle/restored.json', '/mnt/victim/file');
    const before = ofThisSystem();
    expect(left(['/mnt/target/boot'])).toEqual({ code: 0, text: '' });
    expect(ofThisSystem()).toEqual(before);
    expect(marker('/mnt/target/var/log')).toMatchObject({ set: 'an-id' });
    expect(marker('/mnt/target/boot')).toMatchObject({ set: 'an-id' });
    expect(lstatSync('/mnt/target/var/log/rekindle/restore.sh').isFile()).toBe(true);
  });

  it('goes into no folder that is a link', () => {
    link('var/log/rekindle', '/mnt/victim');
    const before = ofThisSystem();
    expect(left()).toMatchObject({
      code: 1,
      text: expect.stringContaining('rekindle is a symbolic link to /mnt/victim'),
    });
    expect(ofThisSystem()).toEqual(before);
  });

  it('is left out beside it where that folder is a link', () => {
    mkdirSync('/mnt/target/boot');
    link('boot/rekindle', '/mnt/victim');
    const before = ofThisSystem();
    expect(left(['/mnt/target/boot'])).toMatchObject({ code: 0 });
    expect(ofThisSystem()).toEqual(before);
    expect(marker('/mnt/target/var/log')).toMatchObject({ set: 'an-id' });
  });

  it('ends where links lead in a circle', () => {
    link('var/log', 'log');
    expect(left()).toMatchObject({ code: 1, text: expect.stringContaining('leads in a circle') });
    expect(existsSync('/mnt/target/var/log/rekindle')).toBe(false);
  });
});
