import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../common/run.ts';
import { temporaryDirectory } from '../build/temporary.ts';

const members = 100_000;
/** Node and the program take some 15 of it; as objects the members would be 46. MiB. */
const heap = 32;

const root = join(import.meta.dirname, '../../..');

/** What it prints is taken slowly at first. */
async function node(...words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([sleep(3000), ended]);
  const said = await text(child.stdout);
  expect(await ended).toEqual([0, null]);
  return said;
}

describe(`a set of ${members} files`, () => {
  it('[C13] is listed and extracted in a heap that does not hold them', async () => {
    const work = await temporaryDirectory();
    const out = join(work, 'out');
    execFileSync('mkdir', [out]);
    await run(['mount', '-t', 'tmpfs', '-o', 'nr_inodes=0', 'tmpfs', out]);
    onTestFinished(async () => void (await run(['umount', out])));
    await node(join(root, 'tests/fixtures/many-members-child.ts'), join(work, 'set'), String(members));
    const volume = join(work, 'set/volume-1');
    const bounded = [`--max-old-space-size=${heap}`, join(root, 'rekindle.ts')];
    const listed = await node(...bounded, 'list', volume, '--path', '/srv/mail');
    expect(listed.split('\n')).toHaveLength(members + members / 1000 + 1);
    const said = await node(...bounded, 'extract', volume, '--path', '/srv/mail', '--to', out);
    expect(said).toMatch(/^100[ ,.]?100 files below/);
    expect(execFileSync('sh', ['-c', 'find srv/mail -type f | wc -l'], { cwd: out, encoding: 'utf8' }).trim()).toBe(
      String(members),
    );
  });
});
