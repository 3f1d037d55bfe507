import { formatCount } from '../../common/format.ts';
import { readIndexBatches } from './index/index-reader.ts';
import { indexBytes, type SetAccess } from './open-archive.ts';
import type { Archive } from './set-schema.ts';

/** What of a file system is not in its archive, as a sentence. */
export function describeLeftOut(mountPoint: string, count: number): string {
  return `${mountPoint}: ${formatCount(count)} ${count === 1 ? 'file is' : 'files are'} not saved, or not with all attributes`;
}

/** What begins these notes' reasons, the worse one first. */
const kinds = [': not saved: ', ': saved without some of its attributes: '];
const few = 5;
const longest = 200;

/** The first few of an archive's notes that name what is not saved, each of a length that a screen takes. */
export function namesLeftOut(notes: readonly string[]): string[] {
  const found = kinds.flatMap((words) => notes.filter((note) => note.includes(words)));
  return found
    .slice(0, few)
    .map((note) => (note.length > longest ? `${note.slice(0, longest / 2)}...${note.slice(-longest / 2)}` : note));
}

/** The same of a set's archive. @throws RekindleError RK340 to RK342 */
export async function readLeftOut(access: SetAccess, archive: Archive): Promise<string[]> {
  const notes: string[] = [];
  for await (const records of readIndexBatches(indexBytes(access, archive), () => false))
    for (const record of records) if (record.kind === 'note') notes.push(record.text);
  return namesLeftOut(notes);
}
