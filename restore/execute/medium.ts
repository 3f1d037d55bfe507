import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';

export const mediumDirectory = '/run/rekindle/medium';

/** Words of the kernel command line by key; without '=' the value is ''. */
export async function readKernelArguments(): Promise<Map<string, string>> {
  const words = (await readFile('/proc/cmdline', 'utf8')).trim().split(/\s+/);
  return new Map(
    words.map((word) => [word.split('=', 1)[0] ?? '', word.includes('=') ? word.slice(word.indexOf('=') + 1) : '']),
  );
}

/** The set's directory on the mounted medium: the one of rekindle.set=, else the only one. @throws RekindleError RK458 */
export async function findSetDirectory(medium: string, wanted: string | undefined): Promise<string> {
  const names = await readdir(join(medium, 'rekindle')).catch(() => [] as string[]);
  const sets = names.filter((name) => z.uuid().safeParse(name).success);
  const found =
    wanted === undefined
      ? sets.length === 1
        ? sets[0]
        : undefined
      : sets.find((name) => name === wanted.toLowerCase());
  if (found === undefined)
    throw new RekindleError(
      'RK458',
      `${medium} holds ${sets.length === 0 ? 'no set' : sets.join(', ')}; wanted: ${wanted ?? 'exactly one'}`,
    );
  return join(medium, 'rekindle', found);
}

/**
 * Whether the medium's drive still gives its bytes, past every cache. A tool that fails because its own file lies on a disc that
 * was taken out says anything but that.
 */
export async function isMediumReadable(devices: readonly string[]): Promise<boolean> {
  for (const device of devices) {
    const argv = ['dd', `if=${device}`, 'of=/dev/null', 'bs=2048', 'skip=16', 'count=1', 'iflag=direct'] as const;
    // A disc that is gone may take dd with it: whatever is no success is no medium.
    const done = await run([...argv], { okExit: [0, 1], timeoutMs: 30_000 }).catch(() => null);
    if (done?.exitCode !== 0) return false;
  }
  return true;
}

/** The block devices that these folders lie on: never a target. */
export async function findMediumDevices(folders: readonly string[]): Promise<string[]> {
  const devices = new Set<string>();
  for (const folder of folders) {
    const { stdout } = await run(['findmnt', '--noheadings', '--raw', '--output', 'SOURCE', '--target', folder], {
      okExit: [0, 1],
      timeoutMs: 30_000,
    });
    for (const line of stdout.split('\n')) if (line.startsWith('/dev/')) devices.add(line);
  }
  return [...devices];
}
