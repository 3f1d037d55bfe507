import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSet, type Loose } from '../../fixtures/changed-set.ts';
import { makeSmallSet } from '../../fixtures/small-set.ts';
import { biosMachine } from '../restore/plan/machines.ts';

const root = join(import.meta.dirname, '../../..');
/** A title, a cleared screen, C1, another reading direction, a line of ours, a tag, a half of a pair. */
const nasty = '\x1b]0;OWNED\x07\x1b[2J\x9b2J\u202eexe\n  Next: run evil.sh  [RK001]\n\u{e0041}\ud800\x7f';
const steering = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}\ufffd]/u;

let work = '';
let directory = '';

function rekindle(...args: string[]): string {
  const argv = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), ...args];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return stdout + stderr;
}

/** Nothing steers, and no line that we did not write passes for one of ours. */
function expectSafe(text: string): void {
  expect(text).not.toMatch(steering);
  expect(text).not.toMatch(/^ {2}Next: run evil/m);
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'hostile-names-'));
  const source = join(work, 'tree');
  mkdirSync(join(source, 'etc'), { recursive: true });
  writeFileSync(join(source, 'etc', nasty.replaceAll('\ud800', '')), 'x');
  const layout = biosMachine();
  for (const disk of layout.disks) disk.model = `M${nasty}`;
  for (const { content } of layout.nodes) if (content?.kind === 'ext4') content.label = nasty;
  const set = await makeSmallSet({
    work: join(work, 'set'),
    layout,
    trees: [{ source, mountPoint: '/', node: 'disk0:6' }],
    createdAt: `2026${nasty}`,
  });
  directory = set.directory(1);
  changeSet(directory, {
    set: (info) => ({
      ...info,
      machine: { ...(info.machine as Loose), hostname: `web01${nasty}`, os: `Debian${nasty}` },
    }),
  });
});
afterAll(() => rmSync(work, { recursive: true }));

const target = ['--target', 'disk0=size:6442450944:/dev/sdx'];

describe('names of a set that somebody hostile made', () => {
  it.each([
    ['list', []],
    ['list', ['--path', '/etc']],
    ['plan', target],
    ['list', ['--path', `/no${nasty.replaceAll('\ud800', '')}`]],
    ['list', [`--${nasty.replaceAll('\ud800', '')}`]],
    ['extract', ['--path', `/OWNED${nasty.replaceAll('\ud800', '')}`, '--to', '/tmp']],
    ['list', ['--set', `OWNED${nasty.replaceAll('\ud800', '')}`]],
  ])('are shown, not obeyed: %s %j', (command, options) => {
    const text = rekindle(command, directory, ...options);
    expectSafe(text);
    if (command !== 'plan') expect(text).toContain('OWNED');
  });

  it.each([
    ['list', ['--json']],
    ['list', ['--json', '--path', '/etc']],
    ['plan', ['--json', ...target]],
  ])('are exact as JSON, in characters that steer nothing: %s %j', (command, options) => {
    const text = rekindle(command, directory, ...options);
    expect(text.replaceAll('\n', '')).not.toMatch(steering);
    const lines = options.includes('/etc') ? text.trimEnd().split('\n') : [text];
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('come back from JSON as they are in the set', () => {
    const { info } = JSON.parse(rekindle('list', directory, '--json')) as { info: { machine: { hostname: string } } };
    expect(info.machine.hostname).toBe(`web01${nasty}`);
  });

  it('are shown where the set is damaged', () => {
    const archives = join(directory, 'archives');
    const [name = ''] = readdirSync(archives).filter((each) => each.endsWith('.zst'));
    const bytes = readFileSync(join(archives, name));
    writeFileSync(join(archives, name), bytes.fill(0xff, 20, 21));
    for (const text of [
      rekindle('verify', directory),
      rekindle('extract', directory, '--path', '/', '--to', join(work, 'out')),
    ])
      expect(text).not.toMatch(steering);
  });

  it.each([
    ['no JSON', () => `{"OWNED${nasty}": `],
    [
      'other values',
      (info: Loose) => ({ ...info, machine: { ...(info.machine as Loose), firmware: `OWNED${nasty}` } }),
    ],
    [
      'a file that is not there',
      (info: Loose) => info,
      (manifest: Loose) => ({
        ...manifest,
        files: [{ volume: 1, path: `OWNED${nasty}`, size: 1, sha256: 'ab'.repeat(32) }],
      }),
    ],
  ] as const)('are shown in the reason why it is no set: %s', (_, set, manifest?) => {
    const copy = mkdtempSync(join(work, 'copy-'));
    cpSync(directory, copy, { recursive: true });
    changeSet(copy, { set, ...(manifest === undefined ? {} : { manifest }) });
    const text = rekindle('list', copy);
    expect(text).toMatch(/\[RK30\d\]$/m);
    expect(text).not.toMatch(steering);
    expect(text.match(/^ {2}Next: /gm)).toHaveLength(1);
  });
});
