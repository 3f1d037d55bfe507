import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureAttributes } from '../../../../../restore/archive/index/attributes.ts';
import { TarAhead } from '../../../../../restore/archive/index/tar-ahead.ts';
import { tarCreateArgv } from '../../../../../restore/archive/tar-options.ts';
import { clearFlags, makeDifficultTree } from '../../../../fixtures/difficult-tree.ts';

let work = '';
let source = '';
let server: Server;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tar-ahead-'));
  source = join(work, 'source');
  mkdirSync(source);
  server = await makeDifficultTree(source, 40);
  for (const name of ['b', 'a/b', 'a', 'a/b.d', 'Z', 'out'].map((each) => join(source, 'order', each))) {
    mkdirSync(name, { recursive: true });
    for (const file of ['2', '10', 'a.x', 'B']) writeFileSync(join(name, file), file);
  }
});
afterAll(() => {
  server?.close();
  clearFlags(source);
  rmSync(work, { recursive: true, force: true });
});

/** Remembers what is asked of the disk. */
class Watched extends TarAhead {
  readonly asked: string[] = [];

  override willRead(fd: number): void {
    this.asked.push(relative(source, readlinkSync(`/proc/self/fd/${fd}`)));
    super.willRead(fd);
  }
}

async function walked(ahead: TarAhead, exclude: readonly string[] = []): Promise<string[]> {
  const found = await Array.fromAsync(captureAttributes(source, { ahead, exclude }));
  return found.map(({ path }) => path.toString());
}

/** Files as the real tar has them in its archive, those with a plain name. */
function tarOrder(): string[] {
  const [file, ...words] = tarCreateArgv(source, [], join(work, 'snapshot'));
  const archive = execFileSync(file, words, { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = execFileSync('tar', ['-tf', '-', '--quoting-style=escape'], { input: archive }).toString('utf8');
  return Array.from(lines.matchAll(/^\.\/([\w./-]*[^/\n\\])$/gm), ([, name = '']) => name);
}

describe('the walk before tar', () => {
  it("[B7] asks for files in tar's own order", async () => {
    const ahead = new Watched();
    ahead.tarEnded();
    await walked(ahead);
    const order = tarOrder();
    const asked = new Set(ahead.asked);
    expect(asked.size).toBeGreaterThan(60);
    // Links are in the archive, too.
    const files = order.filter((name) => asked.has(name));
    const plain = new Set(files);
    expect(files.length).toBeGreaterThan(60);
    expect(ahead.asked.filter((name) => plain.has(name))).toEqual(files);
  });

  it('[B7] waits where it is too far ahead, and goes on as tar does', async () => {
    const many = join(work, 'many');
    mkdirSync(many);
    for (let number = 0; number < 3000; number += 1) writeFileSync(join(many, `${number}`), '');
    const ahead = new Watched();
    let ended = false;
    const walk = Array.fromAsync(captureAttributes(many, { ahead })).then(() => {
      ended = true;
    });
    const settle = async (count: number): Promise<number> => {
      for (let turn = 0; turn < 500 && ahead.asked.length < count; turn += 1) await sleep(10);
      await sleep(50);
      return ahead.asked.length;
    };
    const first = await settle(1000);
    expect(first).toBeGreaterThan(500);
    expect(first).toBeLessThan(1100);
    ahead.tarPassed(1000);
    const second = await settle(first + 900);
    expect(second - first).toBe(1000);
    expect(ended).toBe(false);
    ahead.tarEnded();
    await walk;
    expect(ahead.asked).toHaveLength(3000);
  });

  it('[B6] keeps nothing of what tar leaves out', async () => {
    execFileSync('chattr', ['+A', join(source, 'order/out/B'), join(source, 'order/a/B')]);
    const free = (): TarAhead => {
      const ahead = new TarAhead();
      ahead.tarEnded();
      return ahead;
    };
    expect(await walked(free())).toEqual(expect.arrayContaining(['./order/out/B', './order/a/B']));
    const without = await walked(free(), [join(source, 'order/out')]);
    expect(without).toContain('./order/a/B');
    expect(without).not.toContain('./order/out/B');
  });
});
