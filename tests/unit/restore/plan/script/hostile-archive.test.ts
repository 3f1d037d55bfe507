import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanEnvironment } from '../../../../../common/run.ts';
import { chainPrelude } from '../../../../../restore/plan/script/chain-prelude.ts';
import { prelude } from '../../../../../restore/plan/script/prelude.ts';
import { functionName, renderAction, secretVariable } from '../../../../../restore/plan/script/render-action.ts';
import { endOfArchive, extendedHeader, headerBlock, padded, paxRecord } from '../../../../fixtures/tar-blocks.ts';

let work = '';
let at = '';
let victim = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-hostile-archive-'));
  at = join(work, 'at');
  victim = join(work, 'victim');
  mkdirSync(at);
  mkdirSync(victim);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function file(name: string, text = 'owned\n'): Buffer {
  return Buffer.concat([headerBlock({ name, size: text.length }), padded(Buffer.from(text))]);
}

function link(name: string, to: string, type = '2'): Buffer {
  return headerBlock({ name, type, linkName: to });
}

/** A directory as an incremental archive has it, with what tar is to do below it. */
function listed(name: string, names: string): Buffer {
  return Buffer.concat([extendedHeader('x', paxRecord('GNU.dumpdir', names)), headerBlock({ name, type: '5' })]);
}

/** Extracts archives as the script does: the first, then those of changes. */
function unpack(shell: string, archives: readonly Buffer[][]): { code: number | null; text: string } {
  const names = archives.map((members, index) => {
    writeFileSync(join(work, `${index}.zst`), zstdCompressSync(Buffer.concat([...members, endOfArchive])));
    return `${index}`;
  });
  const last = names.length - 1;
  const before = names.slice(0, -1).map((archive, index) => ({ set: `set-${index}`, archive }));
  const sets = [`set-${last}`, ...before.map(({ set }) => set)];
  const action = renderAction(
    { type: 'extract', archive: `${last}`, at, device: '/dev/none', ...(last === 0 ? {} : { before }) },
    { archives: [], sets },
  );
  const parts = names.map((name, index) => {
    const number = index === last ? 0 : index + 1;
    return `${functionName('parts', name, number)}() { cat '${work}/${name}.zst'; }`;
  });
  const known = 'use_set() { :; }; join_names() { :; }; decrypt() { cat; }';
  const script = `set -eu\nexport LC_ALL=C\n${prelude}\n${chainPrelude}\n${known}\n${parts.join('\n')}\n${action}\n`;
  const done = spawnSync(shell, ['-c', script], {
    encoding: 'utf8',
    env: cleanEnvironment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { code: done.status, text: done.stdout + done.stderr };
}

describe.each(['dash', 'bash'])('[C7] [A5] a hostile archive and the script, in %s', (shell) => {
  it.each([
    ['absolute', () => [file(`${victim}/f`)]],
    ['with ..', () => [file('./../victim/f')]],
    ['below a link of its own', () => [link('./x', victim), file('./x/f')]],
    ['below a link of a link', () => [link('./b', victim), link('./a', 'b'), file('./a/f')]],
    ['a hard link to a link, then below it', () => [link('./b', victim), link('./a', './b', '1'), file('./a/f')]],
  ])('writes nothing elsewhere: names %s', (_, members) => {
    unpack(shell, [members()]);
    expect(readdirSync(victim)).toEqual([]);
  });

  it('writes nothing elsewhere through links that an earlier archive left', () => {
    const first = [headerBlock({ name: './', type: '5' }), link('./x', victim), link('./y', '../victim')];
    const second = [file('./x/f'), file('./y/f')];
    unpack(shell, [first, second]);
    expect(readdirSync(victim)).toEqual([]);
  });

  it('moves nothing in that an incremental list of names says', () => {
    writeFileSync(join(victim, 'secret'), 'secret');
    unpack(shell, [[headerBlock({ name: './', type: '5' })], [listed('./', `R${victim}\0T./mine\0Dmine\0\0`)]]);
    expect(existsSync(join(victim, 'secret'))).toBe(true);
    expect(readdirSync(at)).toEqual([]);
  });

  it('keeps absolute links, and hard links to them, as they are', () => {
    const members = [link('./absolute', '/etc/hosts'), link('./up', '../../x'), link('./second', './absolute', '1')];
    expect(unpack(shell, [members])).toMatchObject({ code: 0 });
    expect(readlinkSync(join(at, 'absolute'))).toBe('/etc/hosts');
    expect(readlinkSync(join(at, 'up'))).toBe('../../x');
    expect(lstatSync(join(at, 'second')).ino).toBe(lstatSync(join(at, 'absolute')).ino);
  });
});

describe('[C7] [C12] the script over files that are there', () => {
  it.each([
    ['a file', () => [file('./home/x y/passwd')]],
    ['a directory', () => [headerBlock({ name: './home/x y/', type: '5' })]],
    ["a hard link's file", () => [link('./h', './home/x y/passwd', '1')]],
  ])('names a link in the way of %s, and extracts nothing', (_, members) => {
    mkdirSync(join(at, 'etc'));
    mkdirSync(join(at, 'home'));
    writeFileSync(join(at, 'etc/passwd'), 'root');
    symlinkSync('../etc', join(at, 'home/x y'));
    const { code, text } = unpack('dash', [[file('./before'), ...members()]]);
    expect(code).toBe(1);
    expect(text).toContain('The link ./home/x\\040y lies in the way');
    expect(readFileSync(join(at, 'etc/passwd'), 'utf8')).toBe('root');
    expect(existsSync(join(at, 'before'))).toBe(false);
  });

  it('goes on where links lie in no way, and those of the archive replace them', () => {
    mkdirSync(join(at, 'usr'));
    symlinkSync('usr', join(at, 'lib'));
    const { code, text } = unpack('dash', [[link('./lib', 'usr'), file('./usr/f')]]);
    expect(code === 0 ? '' : text).toBe('');
    expect(statSync(join(at, 'lib/f')).isFile()).toBe(true);
  });
});

describe('[C7] names in the script', () => {
  it('gives no two archives one function, and no two secrets one variable', () => {
    const names = ['001-a', '001_a', '001.a', '001Za', '001Z2eza', '001Z-a', '001é'];
    expect(new Set(names.map((name) => functionName('parts', name))).size).toBe(names.length);
    expect(functionName('parts', '001-a')).toBe('parts_001_a');
    const secrets = ['luks:disk0:3', 'luks:disk0_3', 'luks:disk0-3'].map(secretVariable);
    expect(new Set(secrets).size).toBe(3);
    for (const name of secrets) expect(name).toMatch(/^\w+$/);
  });
});
