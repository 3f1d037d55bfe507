import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanEnvironment } from '../../../../common/run.ts';
import { excludeWords, findTooDeep, SavingTar } from '../../../../restore/archive/saving-tar.ts';
import { tarCreateArgv } from '../../../../restore/archive/tar-options.ts';

let work = '';
let source = '';

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'deep-'));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', work]);
  source = join(work, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'last'), 'saved');
});
afterEach(() => {
  execFileSync('umount', ['--lazy', work]);
  rmSync(work, { recursive: true, force: true });
});

/** @param name as Python's bytes */
function makeDeep(levels: number, name: string): void {
  const script = `
import os
for _ in range(${levels}):
    os.mkdir(${name})
    fd = os.open(${name}, os.O_RDONLY)
    os.fchdir(fd)
    os.close(fd)`;
  execFileSync('python3', ['-c', script], { cwd: source, env: cleanEnvironment });
}

const namesOfFolders: [string, number][] = [
  ["b'd'", 20_000],
  ["b'n' * 250", 300],
  ["b'\\xff\\xfe*'", 3000],
  ["b'\\n['", 3000],
];

describe('folders that are too deep for any path', () => {
  it.each(namesOfFolders)(
    'called %s, %i of them: tar begins anew without them, and names them',
    async (name, levels) => {
      makeDeep(levels, name);
      const output = join(work, 'out.tar');
      const [file, ...words] = tarCreateArgv(source, [], join(work, 'snar'));
      const tar = new SavingTar({
        argv: (tooDeep) => [file, ...excludeWords(tooDeep), ...words],
        source,
        about: {},
        fd: openSync(output, 'w'),
        quietMs: 300,
      });
      const { end, said } = await tar.ended;
      expect(end.code, said.errors.join('; ')).not.toBeNull();
      expect(said.errors).toEqual([]);
      expect(said.leftOut).toBeGreaterThan(0);
      expect(said.notes.at(-1)).toMatch(/: not saved: File name too long$/);
      expect(execFileSync('tar', ['-xOf', output, './last'], { encoding: 'utf8' })).toBe('saved');
    },
  );

  it('are none where tar gets by', async () => {
    makeDeep(2000, "b'd'");
    expect(await findTooDeep(source)).toEqual([]);
    const output = join(work, 'out.tar');
    const tar = new SavingTar({ argv: () => tarCreateArgv(source, []), source, about: {}, fd: openSync(output, 'w') });
    tar.begun();
    expect((await tar.ended).said).toMatchObject({ leftOut: 0, errors: [] });
    expect(readFileSync(output).length).toBeGreaterThan(10_240);
  });
});
