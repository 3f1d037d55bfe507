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

const page = 4096;

/** A new directory with files 0000, 0001 ... */
function directoryOf(files: number, content: (number: number) => string | Buffer): string {
  const directory = mkdtempSync(join(work, 'many-'));
  for (let number = 0; number < files; number += 1)
    writeFileSync(join(directory, String(number).padStart(4, '0')), content(number));
  return directory;
}

/** A walk that goes on beside the test. `settled`: how many files it has asked for, some time after it came to so many. */
function walkOf(directory: string, ahead: Watched) {
  const walk = {
    ahead,
    ended: false,
    end: Array.fromAsync(captureAttributes(directory, { ahead })).then(() => {
      walk.ended = true;
    }),
    async settled(count: number): Promise<number> {
      for (let turn = 0; turn < 500 && ahead.asked.length < count; turn += 1) await sleep(10);
      await sleep(100);
      return ahead.asked.length;
    },
  };
  return walk;
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
    const many = directoryOf(3000, () => '');
    const walk = walkOf(many, new Watched(1000 * page));
    expect(await walk.settled(999)).toBe(999);
    walk.ahead.tarPassed(1000);
    expect(await walk.settled(1999)).toBe(1999);
    walk.ahead.tarPassed(1100);
    expect(await walk.settled(2099)).toBe(2099);
    expect(walk.ended).toBe(false);
    walk.ahead.tarEnded();
    expect(await walk.settled(3000)).toBe(3000);
    await walk.end;
  });

  it('[B7] is ahead by what the files take, a large one by what is asked of it', async () => {
    const sizes = [10 * page, 0, 5 * page, 1 << 20, page];
    const some = directoryOf(200, (number) => Buffer.alloc(sizes[number % 5] ?? 0));
    // Each five of them ask for 10, 1, 5, 32 and 1 pages.
    const walk = walkOf(some, new Watched(490 * page));
    expect(await walk.settled(49)).toBe(49);
    walk.ahead.tarPassed(50);
    expect(await walk.settled(99)).toBe(99);
    walk.ahead.tarEnded();
    await walk.end;
  });

  it('[B7] waits for nothing where tar is before it', async () => {
    const many = directoryOf(50, () => Buffer.alloc(page));
    const walk = walkOf(many, new Watched(10 * page));
    walk.ahead.tarPassed(45);
    await walk.end;
    expect(walk.ahead.asked).toHaveLength(50);
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
