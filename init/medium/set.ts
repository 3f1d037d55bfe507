import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';

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
    path: z.string().refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'leads out of the set'),
    size: z.int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});
export type RescueSet = z.infer<typeof rescueSetSchema>;

/** The UUIDs of the sets on a mounted file system, those with a set.json, in lower case. */
export function listSets(mountPoint: string): string[] {
  try {
    return readdirSync(join(mountPoint, 'rekindle'))
      .filter((name) => z.uuid().safeParse(name).success)
      .sort();
  } catch {
    return [];
  }
}

/** @throws RekindleError RK109 when set.json cannot be read, is not ours or belongs to another set. */
export function readSet(mountPoint: string, uuid: string): RescueSet {
  const file = join(mountPoint, 'rekindle', uuid, 'set.json');
  let set: RescueSet;
  try {
    const bytes = readFileSync(file);
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (readFileSync(`${file}.sha256`, 'utf8') !== `${digest}  set.json\n`)
      throw new Error('it and set.json.sha256 do not belong together');
    set = rescueSetSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK109', `${file}: ${why}`, { cause: error });
  }
  if (set.set.toLowerCase() !== uuid.toLowerCase())
    throw new RekindleError('RK109', `${file} names set ${set.set}, its directory is ${uuid}`);
  return set;
}

/** Which volume of its set this is; null where set.json does not say. Never throws. */
export function volumeOf(mountPoint: string, uuid: string): { volume: number; volumes: number } | null {
  try {
    const text = readFileSync(join(mountPoint, 'rekindle', uuid, 'set.json'), 'utf8');
    return z.looseObject({ volume: z.int(), volumes: z.int() }).parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A set for people: '1111... (machine web1, made 2026-11-24)'. Never throws: of a damaged set only the UUID is known. */
export function describeSet(mountPoint: string, uuid: string): string {
  try {
    const set = readSet(mountPoint, uuid);
    return `${uuid} (machine ${set.machine.hostname}${set.createdAt ? `, made ${set.createdAt.slice(0, 10)}` : ''})`;
  } catch {
    return `${uuid} (its set.json is damaged)`;
  }
}

/** Whether the disc may have to make room for another one: of this set, or of a set that it builds on. */
export function needsOtherDiscs({ volumes, level = 0 }: RescueSet): boolean {
  return volumes > 1 || level > 0;
}
