import { readFile } from 'node:fs/promises';
import { RekindleError } from '../../../common/errors/error.ts';
import { type ExtractOptions, extractArchive, syncTarget } from '../extract-archive.ts';
import { extractPastDamage, removeLostBefore } from '../extract-past-damage.ts';
import { indexBytes, type SetAccess } from '../open-archive.ts';
import type { TarRange } from '../salvage.ts';
import type { Archive } from '../set-schema.ts';
import type { ArchiveProgress } from '../write-archive.ts';
import { clearDirectoryAttributes } from './clear-attributes.ts';
import { readNames, replayNames } from './names.ts';

export interface ExtractLink {
  access: SetAccess;
  archive: Archive;
  /** Ranges of its tar stream that are left out, with consent. None: it must be whole. */
  damaged?: readonly TarRange[];
}

export interface ExtractChainOptions {
  /** The full archive first, then what changed, in order (`resolveChains`). */
  links: readonly ExtractLink[];
  /** Where the empty file system is mounted, alone. */
  target: string;
  /** Gets each file that the target's file system cannot hold. */
  onNote?: (note: string) => void;
  signal?: AbortSignal;
  /** Of the archive that is being extracted; `index` counts the links. */
  onProgress?: (progress: ArchiveProgress, index: number) => void;
}

/**
 * Extracts a full archive and the changes since, one after the other. What a later one no longer has is deleted. Inode flags come
 * afterwards, from the last archive's index only.
 * @returns the number of members that were left out of them
 * @throws RekindleError RK359 when something is mounted below; what extractArchive throws
 */
export async function extractChain({ links, target, onProgress, ...options }: ExtractChainOptions): Promise<number> {
  const last = links.at(-1);
  if (!last || links.some(({ archive }, index) => (archive.changes === true) !== index > 0))
    throw new Error('a chain is one full archive and then changes');
  let lost = 0;
  for (const { damaged = [], ...link } of links.slice(1)) await removeLostBefore({ ...link, target }, damaged);
  for (const [index, { damaged = [], ...link }] of links.entries()) {
    // Here files are deleted: everything below the target that this archive does not know.
    if (index > 0) await assertAlone(target);
    const links = index > 0 ? await clearDirectoryAttributes(target, options.signal) : undefined;
    const extraction: ExtractOptions = {
      ...link,
      target,
      changes: index > 0,
      ...(links ? { links } : {}),
      ...options,
      ...(onProgress ? { onProgress: (progress: ArchiveProgress) => onProgress(progress, index) } : {}),
    };
    if (damaged.length > 0) lost += (await extractPastDamage(extraction, damaged)).length;
    else await extractArchive(extraction);
  }
  if (links.length === 1) return lost;
  await replayNames(readNames(indexBytes(last.access, last.archive)), target);
  await syncTarget({ target, archive: last.archive });
  return lost;
}

/** @throws RekindleError RK359 */
async function assertAlone(target: string): Promise<void> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const below = mounts
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((at) => at.startsWith(`${target.replace(/\/$/, '')}/`));
  if (below.length > 0) throw new RekindleError('RK359', below.join(', '));
}
