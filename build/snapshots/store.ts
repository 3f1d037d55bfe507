import { chmod, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { readSmallFile } from '../../common/files/read-small-file.ts';
import { markPattern } from '../../common/mark-pattern.ts';
import type { DatedSet } from '../../restore/archive/incremental/expired.ts';
import { removeLeftovers } from '../leftovers.ts';
import { markOf } from '../process-mark.ts';

/** Where the machine keeps what incremental sets build on: a folder a set, named by its UUID. */
export const snapshotStore = '/var/lib/rekindle/snapshots';

const description = 'base.json';

/** What is kept of a set. */
const storedSchema = z.strictObject({
  set: z.uuid(),
  createdAt: z.iso.datetime(),
  /** 0: full. */
  level: z.int().nonnegative(),
  base: z.uuid().nullable(),
  machineId: z.string().nullable(),
  fileSystems: z.array(
    z.strictObject({
      mountPoint: z.string(),
      /** Its UUID. */
      fileSystem: z.string(),
      /** tar's snapshot file in the same folder. */
      snapshot: z.string().regex(/^[\w.-]+\.snar$/),
    }),
  ),
});
export type StoredSet = z.infer<typeof storedSchema> & DatedSet;

/** The sets that snapshots are kept of, the newest first. @throws RekindleError RK357 naming a folder that is damaged */
export async function readStored(store: string): Promise<StoredSet[]> {
  const sets: StoredSet[] = [];
  for (const name of await namesIn(store)) {
    if (!z.uuid().safeParse(name).success) continue;
    const file = join(store, name, description);
    try {
      const stored = storedSchema.parse(JSON.parse((await readSmallFile(file)).toString()));
      if (stored.set !== name) throw new Error(`it is of set ${stored.set}`);
      sets.push(stored);
    } catch (error) {
      const words =
        error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
      throw new RekindleError('RK357', `${file}: ${words}`, { cause: error });
    }
  }
  return sets.toSorted((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt));
}

async function namesIn(store: string): Promise<string[]> {
  try {
    return await readdir(store);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

const partPattern = new RegExp(`\\.${markPattern}\\.part$`);

function partOf(store: string, set: string): string {
  return join(store, `${set}.${markOf(process.pid)}.part`);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}

/**
 * A folder where a new set's snapshots come to be: on the machine, never beside the medium, for they name every file. What killed
 * runs left is removed.
 * @param onLeft gets a sentence for each folder that stays, since it is another machine's
 * @throws RekindleError RK234 when others may write the store: tar would read what they put there
 */
export async function beginStored(
  store: string,
  set: string,
  onLeft: (text: string) => void = () => undefined,
): Promise<string> {
  await mkdir(store, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(store);
  if (uid !== process.geteuid?.() || (mode & 0o022) !== 0)
    throw new RekindleError('RK234', `${store}: owner ${uid}, mode ${(mode & 0o7777).toString(8)}`);
  // Nobody else can have put a folder there.
  await removeLeftovers(store, { pattern: partPattern, onLeft, proves: async () => true });
  const part = partOf(store, set);
  await mkdir(part, { mode: 0o700 });
  return part;
}

/** Makes that folder a set's: wholly or not at all, also when the machine goes down meanwhile. */
export async function finishStored(store: string, part: string, stored: StoredSet): Promise<void> {
  for (const { snapshot } of stored.fileSystems) {
    await chmod(join(part, snapshot), 0o600);
    await sync(join(part, snapshot));
  }
  const text = `${JSON.stringify(storedSchema.parse(stored), null, 2)}\n`;
  await writeFile(join(part, description), text, { mode: 0o600, flush: true });
  await sync(part);
  await rename(part, join(store, stored.set));
  await sync(store);
}

/**
 * Removes the snapshots of these sets. Their media are not touched: they are files that the user moves. A name that says so comes
 * first: a run that is killed meanwhile leaves no set of which half is gone, which the next runs would refuse.
 */
export async function removeStored(store: string, sets: readonly string[]): Promise<void> {
  for (const set of sets) {
    const part = partOf(store, z.uuid().parse(set));
    await rename(join(store, set), part);
    await rm(part, { recursive: true, force: true });
  }
}
