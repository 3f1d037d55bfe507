import { RekindleError } from '../common/errors/error.ts';
import { openSet, type RecoverySet, readSetInfo } from '../restore/archive/open-set.ts';
import { findStore } from '../restore/archive/store/find.ts';
import type { VolumeStore } from '../restore/archive/store/store.ts';

/**
 * The sets that an incremental one builds on, the newest first, as far as they are among these volumes: whoever needs the rest
 * says which set is missing. @param volumes of one or more sets, in any order
 * @throws RekindleError RK302 naming a volume that holds none of them; as openSet
 */
export async function openBases(set: RecoverySet, volumes: readonly string[]): Promise<RecoverySet[]> {
  const bases: RecoverySet[] = [];
  const left = new Set(volumes);
  const known = new Set([set.info.set]);
  for (let wanted = set.manifest?.base?.set; wanted !== undefined; wanted = bases.at(-1)?.manifest?.base?.set) {
    // A set that builds on itself was made by somebody: no chain comes of it, but this would never end.
    if (known.has(wanted)) break;
    known.add(wanted);
    const stores: VolumeStore[] = [];
    for (const path of volumes) {
      const store = await storeOf(path, wanted);
      if (store === null) continue;
      stores.push(store);
      left.delete(path);
    }
    if (stores.length === 0) break;
    bases.push(await openSet(stores));
  }
  const [strange] = left;
  if (strange !== undefined)
    throw new RekindleError(
      'RK302',
      `${strange} holds no set that ${set.info.set} builds on, or one is missing between`,
    );
  return bases;
}

/** Null when the volume belongs to another set. */
async function storeOf(path: string, set: string): Promise<VolumeStore | null> {
  for (const wanted of [set, null]) {
    const store = await findStore(path, wanted).catch((error: unknown) => {
      if (error instanceof RekindleError && ['RK302', 'RK316'].includes(error.code)) return null;
      throw error;
    });
    if (store !== null && (await readSetInfo(store)).set === set) return store;
  }
  return null;
}
