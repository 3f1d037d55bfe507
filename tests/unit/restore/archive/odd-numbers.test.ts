import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';

// What an ordinary user can make on a tmpfs, a btrfs or an xfs: sizes up to 2^63 - 1 and times of 64 bits.

const root = join(import.meta.dirname, '../../../..');
const sizes = [2n ** 53n - 1n, 2n ** 53n + 1n, 7n << 60n, 2n ** 63n - 1n];
const times = ['99999999999999', '9007199254740993.5', '9223372036854775807', '-9223372036854775808', '-99999999999'];

let work = '';
let source = '';

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'odd-'));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', work]);
  source = join(work, 'source');
  mkdirSync(source);
  for (const size of sizes) execFileSync('truncate', ['-s', String(size), join(source, `size ${size}`)]);
  // Its end is beyond 2^53: the map of its data has numbers of that kind.
  execFileSync('truncate', ['-s', String(2n ** 62n), join(source, 'data at the end')]);
  execFileSync('sh', ['-c', `printf hello >> '${source}/data at the end'`]);
  for (const time of times) {
    mkdirSync(join(source, `time ${time}`));
    writeFileSync(join(source, `time ${time}/file`), 'f');
    execFileSync('touch', ['-d', `@${time}`, join(source, `time ${time}/file`), join(source, `time ${time}`)]);
  }
});
afterAll(() => {
  execFileSync('umount', [work]);
  rmSync(work, { recursive: true, force: true });
});

/** Size and time of everything, as stat(1) prints them: exact. */
function facts(directory: string): string {
  const script = `cd "$1" && find . -mindepth 1 -exec stat -c '%n %F %s %.9Y' {} + | sed 's/\\(directory\\) [0-9]*/\\1/' | sort`;
  return execFileSync('sh', ['-c', script, 'sh', directory], { encoding: 'utf8' });
}

function rekindle(...args: readonly string[]) {
  const argv = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

async function save(name: string, snapshot?: { base: string | null; output: string }): Promise<SmallSet> {
  const tree = { source, mountPoint: '/', node: 'disk0:1', ...(snapshot ? { snapshot } : {}) };
  return makeSmallSet({ work: join(work, name), trees: [tree] });
}

describe('sizes and times beyond 2^53', () => {
  it('are saved, listed with all digits, verified, and come back', async () => {
    const directory = (await save('full')).directory(1);
    const { status, stdout } = rekindle('list', directory, '--path', '/', '--json');
    expect(status).toBe(0);
    for (const size of sizes)
      expect(stdout).toContain(`"/size ${size}","type":"f","mode":"644","uid":0,"gid":0,"size":${size},`);
    for (const time of times) expect(stdout).toMatch(new RegExp(`"/time ${time}/file".*"mtime":"${time}"`));
    expect(rekindle('verify', directory)).toMatchObject({ status: 0 });
    const target = join(work, 'target');
    mkdirSync(target);
    expect(rekindle('extract', directory, '--path', '/', '--to', target)).toMatchObject({ status: 0 });
    expect(facts(target)).toBe(facts(source));
  });

  it('are shown to people as seconds where no calendar knows them', async () => {
    const { status, stdout } = rekindle('list', (await save('shown')).directory(1), '--path', '/');
    expect(status).toBe(0);
    for (const time of times) expect(stdout).toMatch(new RegExp(` @${time} +/time ${time}/file\n`));
    expect(stdout).toContain(` ${7n << 60n} `);
  });

  it('do not stop incremental sets, neither the first nor those that build on it', async () => {
    const [first, second, third] = ['1', '2', '3'].map((name) => join(work, `${name}.snar`)) as [
      string,
      string,
      string,
    ];
    expect((await save('level-0', { base: null, output: first })).archives[0]?.snapshot).toBeDefined();
    writeFileSync(join(source, 'new'), '');
    execFileSync('touch', ['-d', '@9223372036854775807', join(source, 'new')]);
    const [changes] = (await save('level-1', { base: first, output: second })).archives;
    expect(changes).toMatchObject({ changes: true, notes: 0 });
    await save('level-2', { base: second, output: third });
    expect(existsSync(third)).toBe(true);
  });
});
