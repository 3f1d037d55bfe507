import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { readSmallFile } from '../../common/files/read-small-file.ts';
import { visible } from '../../common/visible.ts';

/** What init needs of set.json; the recovery set's room knows the rest. */
const rescueSetSchema = z.looseObject({
  set: z.uuid(),
  /** Only the first volume has the rescue system. */
  volume: z.int().positive(),
  volumes: z.int().positive(),
  createdAt: z.string().optional(),
  /** Of an incremental set. */
  level: z.int().optional(),
  machine: z.looseObject({ hostname: z.string() }),
  rdBase: z.looseObject({
    path: z.string().regex(/^\w[\w.-]{0,99}$/, 'is no plain name of a file of the set'),
    size: z.int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});
export type RescueSet = z.infer<typeof rescueSetSchema>;

/** A set.json of ten thousand files has less. Bytes. */
const setBytes = 1 << 20;
const digestBytes = 4096;
/** Of the folder of sets itself: some ten thousand names. Bytes. */
const folderBytes = 1 << 20;
/** What a line on a console has room for. */
const shownLetters = 64;

/** The UUIDs of the sets on a mounted file system: its folders that are named so. Never throws. */
export async function listSets(mountPoint: string): Promise<string[]> {
  const folder = join(mountPoint, 'rekindle');
  try {
    const found = await lstat(folder);
    if (!found.isDirectory() || found.size > folderBytes) return [];
    const names = (await readdir(folder)).filter((name) => z.uuid().safeParse(name).success);
    const sets: string[] = [];
    for (const name of names) if ((await lstat(join(folder, name))).isDirectory()) sets.push(name);
    return sets.sort();
  } catch {
    return [];
  }
}

/** The words of any failure to read what others wrote, on one line. */
function wordsOf(error: unknown): string {
  const words =
    error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
  return visible(words.replaceAll(/\s+/g, ' ').slice(0, 500));
}

/** @throws RekindleError RK109 when set.json cannot be read, is not ours or belongs to another set. */
export async function readSet(mountPoint: string, uuid: string): Promise<RescueSet> {
  const file = join(mountPoint, 'rekindle', uuid, 'set.json');
  let set: RescueSet;
  try {
    const bytes = await readSmallFile(file, { limit: setBytes });
    const digest = createHash('sha256').update(bytes).digest('hex');
    const written = await readSmallFile(`${file}.sha256`, { limit: digestBytes });
    if (written.toString('latin1') !== `${digest}  set.json\n`)
      throw new Error('it and set.json.sha256 do not belong together');
    set = rescueSetSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new RekindleError('RK109', `${file}: ${wordsOf(error)}`, { cause: error });
  }
  if (set.set.toLowerCase() !== uuid.toLowerCase())
    throw new RekindleError('RK109', `${file} names set ${set.set}, its directory is ${uuid}`);
  return set;
}

/** Which volume of its set this is; null where set.json does not say. Never throws. */
export async function volumeOf(mountPoint: string, uuid: string): Promise<{ volume: number; volumes: number } | null> {
  try {
    const bytes = await readSmallFile(join(mountPoint, 'rekindle', uuid, 'set.json'), { limit: setBytes });
    return z.object({ volume: z.int(), volumes: z.int() }).parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

/** A set for people: '1111... (machine web1, made 2026-11-24)'. Never throws: of a damaged set only the UUID is known. */
export async function describeSet(mountPoint: string, uuid: string): Promise<string> {
  try {
    const { machine, createdAt } = await readSet(mountPoint, uuid);
    const made = createdAt ? `, made ${visible(createdAt.slice(0, 10))}` : '';
    return `${uuid} (machine ${visible(machine.hostname.slice(0, shownLetters))}${made})`;
  } catch {
    return `${uuid} (its set.json is damaged)`;
  }
}

/** Whether the disc may have to make room for another one: of this set, or of a set that it builds on. */
export function needsOtherDiscs({ volumes, level = 0 }: Pick<RescueSet, 'volumes' | 'level'>): boolean {
  return volumes > 1 || level > 0;
}
