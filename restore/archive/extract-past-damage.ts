import { lstatSync, rmSync } from 'node:fs';
import { type ExtractOptions, extractStream, syncTarget } from './extract-archive.ts';
import { replayDirectories } from './index/replay-directories.ts';
import { indexBytes, readFrames } from './open-archive.ts';
import { type LostMember, lostMembers, type TarRange, withoutLost } from './salvage.ts';

/**
 * Extracts all of a full archive but the members that touch the damaged ranges, onto an empty file system or one that an earlier
 * try left. Damage elsewhere is an error, as ever. @returns the members that are lost @throws as extractArchive
 */
export async function extractPastDamage(options: ExtractOptions, damaged: readonly TarRange[]): Promise<LostMember[]> {
  const { access, archive, target } = options;
  const lost: LostMember[] = [];
  for await (const member of lostMembers(access, archive, damaged)) lost.push(member);
  const table = await readFrames(access, archive);
  await extractStream(options, withoutLost(access, archive, table, lost, damaged));
  for (const { path, type } of lost) {
    const name = Buffer.concat([Buffer.from(`${target}/`), path]);
    // Cut short by an earlier try. Folders stay: what is in them is not lost.
    if (type !== 'd' && lstatSync(name, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(name);
  }
  await replayDirectories(indexBytes(access, archive), target);
  await syncTarget(options);
  return lost;
}
