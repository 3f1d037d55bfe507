import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './figure.ts';

export type Action = () => Promise<unknown> | unknown;

function dropCaches(): void {
  spawnSync('sync');
  if (existsSync('/proc/sys/vm/drop_caches')) writeFileSync('/proc/sys/vm/drop_caches', '3');
}

/** With a cold cache. */
export async function seconds(action: Action): Promise<number> {
  dropCaches();
  const started = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** What is compared, each `runs` times in turn, so that a busy machine is busy for all. @returns medians, in seconds */
export async function alternate<Contenders extends Record<string, Action>>(
  runs: number,
  contenders: Contenders,
): Promise<Record<keyof Contenders & string, number>> {
  const times = new Map<string, number[]>();
  for (let run = 0; run < runs; run += 1)
    for (const [name, action] of Object.entries<Action>(contenders))
      times.set(name, [...(times.get(name) ?? []), await seconds(action)]);
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)])) as Record<
    keyof Contenders & string,
    number
  >;
}

export function sh(script: string): void {
  execFileSync('bash', ['-c', `set -e -o pipefail; ${script}`], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const mountOptions = 'loop,noatime';

/** An ext4 in a file, mounted while it is used. */
export async function withFileSystem<T>(image: string, directory: string, use: () => Promise<T> | T): Promise<T> {
  mkdirSync(directory, { recursive: true });
  execFileSync('mount', ['-o', mountOptions, image, directory]);
  try {
    return await use();
  } finally {
    execFileSync('umount', [directory]);
  }
}

export function makeFileSystem(image: string, size: string): void {
  rmSync(image, { force: true });
  execFileSync('truncate', ['-s', size, image]);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', image]);
}

/** Makes a file system and fills it; ends with umount. fsarchiver makes its own, so all make theirs in their time. */
export async function intoFreshFileSystem(
  work: string,
  size: string,
  fill: (directory: string) => Promise<unknown> | unknown,
): Promise<void> {
  const image = join(work, 'target.img');
  const directory = join(work, 'target');
  makeFileSystem(image, size);
  await withFileSystem(image, directory, async () => void (await fill(directory)));
}
