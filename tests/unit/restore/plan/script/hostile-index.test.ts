import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainPrelude } from '../../../../../restore/plan/script/chain-prelude.ts';
import { prelude } from '../../../../../restore/plan/script/prelude.ts';

let work = '';
let at = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-hostile-index-'));
  at = join(work, 'at');
  mkdirSync(at);
  writeFileSync(join(at, 'f'), 'f');
  mkdirSync(join(work, 'victim'));
  writeFileSync(join(work, 'victim/f'), 'f');
  symlinkSync('../victim', join(at, 'x'));
  // Says what it was told; what it is told must be below AT.
  mkdirSync(join(work, 'bin'));
  writeFileSync(join(work, 'bin/chattr'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${join(work, 'told')}'\n`);
  chmodSync(join(work, 'bin/chattr'), 0o755);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** A function of the script over an index of these lines. */
function over(
  shell: string,
  call: 'set_attributes' | 'join_names',
  lines: string,
): { code: number | null; text: string } {
  writeFileSync(join(work, 'index'), zstdCompressSync(Buffer.from(lines, 'latin1')));
  const known = `decrypt() { cat; }\nindex() { cat '${join(work, 'index')}'; }`;
  const script = `set -eu\nexport LC_ALL=C\n${prelude}\n${chainPrelude}\n${known}\ncd '${work}'\n${call} index '${at}'\n`;
  const env = { PATH: `${join(work, 'bin')}:${process.env.PATH}` };
  // Bash reads its user's start file where it takes standard input for a network's.
  const done = spawnSync(shell, ['-c', script], { encoding: 'latin1', env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { code: done.status, text: done.stdout + done.stderr };
}

const end = 'E\t1\t1\t1\t1\t1\n';
const command = 'a[$(>pwned)]';

describe.each(['dash', 'bash'])('[C7] [A5] a hostile index and the script, in %s', (shell) => {
  it.each([
    ['flags that are a command', `A\t${command}\t0\t./f\n`],
    ['flags that end the number', `A\t10|${command}\t0\t./f\n`],
    ['flags that are too long', `A\t123456789\t0\t./f\n`],
    ['no flags', `A\t\t0\t./f\n`],
    ['a project that is an option', `A\t10\t-R\t./f\n`],
    ['a project that is a command', `A\t10\t${command}\t./f\n`],
    ['a name with ..', `A\t10\t0\t./../victim/f\n`],
    ['a name that ends with ..', `A\t10\t0\t./x/..\n`],
    ['an absolute name', `A\t10\t0\t/etc\n`],
    ['a name that begins elsewhere', `A\t10\t0\tf\n`],
    ['a name through a link', `A\t10\t0\t./x/f\n`],
    ['a link', `A\t10\t0\t./x\n`],
    ['.. in another spelling', `A\t10\t0\t./\\056\\056/victim/f\n`],
    ['an escape that ends the name', `A\t10\t0\t./f\\c/../x\n`],
    ['an escape of another length', `A\t10\t0\t./\\56\n`],
  ])('sets no flags for %s', (_, lines) => {
    const { code, text } = over(shell, 'set_attributes', `${lines}${end}`);
    expect(code).toBe(1);
    expect(text).toContain('were not set to the end');
    expect(existsSync(join(work, 'told'))).toBe(false);
    expect(existsSync(join(work, 'pwned'))).toBe(false);
  });

  it('sets the flags of honest names, however odd', () => {
    const names = ['a b', '-rf', '%s', '$(touch pwned)', '..f', 'a\\b'];
    for (const name of names) writeFileSync(join(at, name), '');
    const lines = [...names, 'd\\057'].map((name) => `A\t30\t7\t./${name.replace('a\\b', 'a\\\\b')}\n`);
    mkdirSync(join(at, 'd'));
    const { code, text } = over(shell, 'set_attributes', `${lines.join('')}A\t10\t0\t.\nA\t10\t0\t./d/\n${end}`);
    expect({ code, text }).toEqual({ code: 0, text: '' });
    const told = readFileSync(join(work, 'told'), 'latin1').split('\n');
    for (const name of names) expect(told).toContain(`+ia ${at}/${name}`);
    expect(told).toContain(`-p 7 ${at}/-rf`);
    expect(told.slice(-3)).toEqual([`+i ${at}`, `+i ${at}/d`, '']);
  });

  it.each([
    ['through a link', 'L\t1\t./f\nL\t1\t./x/f\n'],
    ['with ..', 'L\t1\t./f\nL\t1\t./../victim/f\n'],
    ['of no number', `L\t${command}\t./f\nL\t${command}\t./g\n`],
  ])('joins no names %s', (_, lines) => {
    // The very version of it, so that it would be replaced.
    spawnSync('cp', ['-p', join(at, 'f'), join(work, 'victim/f')]);
    const before = statSync(join(work, 'victim/f')).ino;
    expect(over(shell, 'join_names', `${lines}${end}`)).toMatchObject({ code: 1 });
    expect(statSync(join(work, 'victim/f')).ino).toBe(before);
    expect(existsSync(join(work, 'pwned'))).toBe(false);
  });

  it('joins the names of one file, and of one link', () => {
    spawnSync('cp', ['-p', join(at, 'f'), join(at, 'g')]);
    linkSync(join(at, 'f'), join(at, 'h'));
    expect(over(shell, 'join_names', `L\t1\t./f\nL\t1\t./g\nL\t1\t./h\nL\t2\t./x\n${end}`)).toMatchObject({ code: 0 });
    expect(statSync(join(at, 'g')).ino).toBe(statSync(join(at, 'f')).ino);
  });

  it('shows no control character of a name', () => {
    const { code, text } = over(shell, 'set_attributes', `A\t10\t0\t\x1b]0;owned\x07\x9b31m\n${end}`);
    expect(code).toBe(1);
    expect(text).toContain('owned');
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});
