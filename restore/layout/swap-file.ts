import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getInodeFlags } from '@rekindle/linux-syscalls';
import * as z from 'zod';
import type { Action, Step } from '../plan/step.ts';
import type { Inventory } from './inventory.ts';
import { runs } from './layer.ts';
import { probeDevice } from './probe.ts';
import { filePathSchema, optionalUuidSchema, textSchema } from './words-schema.ts';

/** A file that is swapped to. Its content is not saved: it is made again. */
export const swapFileSchema = z.object({
  /** Absolute, on the saved machine. */
  path: filePathSchema,
  sizeBytes: z.int().positive(),
  mode: z.int().nonnegative().max(0o777),
  uuid: optionalUuidSchema,
  label: textSchema,
  /** chattr +C: btrfs swaps to no other file. */
  noCow: z.literal(true).optional(),
  /** The kernel's command line told where in a file the hibernated memory begins. */
  resumes: z.literal(true).optional(),
});
export type SwapFile = z.infer<typeof swapFileSchema>;

/** FS_NOCOW_FL */
const noCow = 0x800000;

/** Those in use, and those that fstab names and that are there. */
export async function captureSwapFiles({ swaps, fstab }: Pick<Inventory, 'swaps' | 'fstab'>): Promise<SwapFile[]> {
  const named = fstab.filter(({ fstype }) => fstype === 'swap').map(({ source }) => source);
  const paths = [...swaps, ...named].filter((path) => path.startsWith('/') && !path.startsWith('/dev/'));
  const commandLine = await readFile('/proc/cmdline', 'utf8').catch(() => '');
  const found: SwapFile[] = [];
  for (const path of new Set(await Promise.all(paths.map((each) => realpath(each).catch(() => each))))) {
    const stat = await lstat(path).catch(() => null);
    if (stat === null || !stat.isFile()) continue;
    const probe = await probeDevice(path);
    if (probe.TYPE !== 'swap' && probe.TYPE !== 'swsuspend') continue;
    found.push({
      path,
      sizeBytes: stat.size,
      mode: stat.mode & 0o777,
      uuid: probe.UUID ?? '',
      label: probe.LABEL ?? '',
      ...(hasFlag(path) ? { noCow: true } : {}),
      ...(/(^|\s)resume_offset=/.test(commandLine) ? { resumes: true } : {}),
    });
  }
  return found;
}

/** tmpfs and others know no flags. */
function hasFlag(path: string): boolean {
  try {
    return (getInodeFlags(path) & noCow) !== 0;
  } catch {
    return false;
  }
}

/** Makes the files again, when the restored machine is mounted below `root`. */
export function swapFileSteps(files: readonly SwapFile[], root: string): Step[] {
  return files.map((file) => ({
    id: `swap-file:${file.path}`,
    title: `make the swap file ${file.path} again`,
    target: root,
    destroys: null,
    actions: actionsOf(file, `${root}${file.path}`),
    weightBytes: 0,
  }));
}

/** Written in full, not only reserved: some file systems (ext2, ext3) cannot reserve, and the kernel swaps to no file with holes. */
function actionsOf({ sizeBytes, mode, uuid, label, noCow }: SwapFile, path: string): Action[] {
  return [
    runs(['mkdir', '-p', dirname(path)]),
    runs(['rm', '-f', path]),
    { type: 'write-file', path, content: '', mode: 0o600 },
    ...(noCow ? [runs(['chattr', '+C', path])] : []),
    runs([
      ...(['dd', 'if=/dev/zero', `of=${path}`, 'bs=1M', `count=${sizeBytes}`] as const),
      ...['iflag=count_bytes', 'conv=notrunc,fsync', 'status=none'],
    ]),
    runs(['chmod', mode.toString(8), path]),
    runs(['mkswap', ...(uuid === '' ? [] : ['-U', uuid]), ...(label === '' ? [] : ['-L', label]), path]),
  ];
}

export function swapFileWarnings(files: readonly SwapFile[]): string[] {
  return files.flatMap(({ path, resumes }) =>
    resumes
      ? [`${path} lies elsewhere afterwards: set resume_offset= anew (filefrag -v ${path}), or hibernation fails.`]
      : [],
  );
}
