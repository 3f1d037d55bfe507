import { readIndexBatches } from './index/index-reader.ts';
import { indexBytes, type SetAccess } from './open-archive.ts';
import type { Archive } from './set-schema.ts';

/** How these notes are told from others, the worse ones first. */
const kinds = [
  /: not saved: |: Unknown file type; file ignored$/,
  /: directory is on a different filesystem; not dumped$/,
  /: saved without some of its attributes: | is not saved$/,
];
const few = 5;
const longest = 200;

/** The first few of an archive's notes that name what is lost, each of a length that a screen takes. */
export function namesLeftOut(notes: readonly string[]): string[] {
  const found = kinds.flatMap((pattern) => notes.filter((note) => pattern.test(note)));
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
