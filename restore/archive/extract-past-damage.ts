import { type ExtractOptions, extractStream, syncTarget } from './extract-archive.ts';
import { replayDirectories } from './index/replay-directories.ts';
import { indexBytes, readFrames } from './open-archive.ts';
import { type LostMember, lostMembers, type TarRange, withoutLost } from './salvage.ts';
import { openRoot, removeFile } from './target/beneath.ts';

/**
 * Extracts all of an archive but the members that touch the damaged ranges, onto an empty file system or one that an earlier
 * try left; with `changes` onto what came before, of which older versions stay. Damage elsewhere is an error, as ever.
 * @returns the members that are lost @throws as extractArchive
 */
export async function extractPastDamage(options: ExtractOptions, damaged: readonly TarRange[]): Promise<LostMember[]> {
  const { access, archive, target } = options;
  const lost = await allLost(options, damaged);
  const table = await readFrames(access, archive);
  await extractStream(options, withoutLost(access, archive, table, lost, damaged));
  if (!options.changes) removeLost(lost, target);
  await replayDirectories(indexBytes(access, archive), target);
  await syncTarget(options);
  return lost;
}

/** What an earlier try cut short. Folders stay: what is in them is not lost. */
export async function removeLostBefore(
  options: Pick<ExtractOptions, 'access' | 'archive' | 'target'>,
  damaged: readonly TarRange[],
): Promise<void> {
  removeLost(await allLost(options, damaged), options.target);
}

async function allLost(
  { access, archive }: Pick<ExtractOptions, 'access' | 'archive'>,
  damaged: readonly TarRange[],
): Promise<LostMember[]> {
  const lost: LostMember[] = [];
  for await (const member of lostMembers(access, archive, damaged)) lost.push(member);
  return lost;
}

function removeLost(lost: readonly LostMember[], target: string): void {
  using top = openRoot(target);
  for (const { path, type } of lost) if (type !== 'd') removeFile(top.fd, path);
}
