import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import type { MediumSeal } from '../../common/medium-seal.ts';
import { checkRdBase, copyRdBase } from '../root/rd-base.ts';
import { note, say } from '../say.ts';
import { needsOtherDiscs, readSet, volumeOf } from './set.ts';

/** What stage 1 looks for. */
export interface Sought {
  /** UUID of the set in lower case; any one when null. */
  set: string | null;
  /** What came with the kernel: the one rd-base that belongs to it. */
  seal: MediumSeal;
  /** rd-base is copied to memory, whatever the set is. */
  toram: boolean;
}

/**
 * Whether a set is the one that this initrd was made with: its rd-base decides, read once, not what the set says of it. Cheap
 * differences come first.
 * @param mountPoint of the device @returns the file to mount as rd-base: the set's own, or its copy in memory
 * @throws RekindleError RK104 for another volume, RK105, RK108, RK109, RK111
 */
export async function checkOwnSet(mountPoint: string, uuid: string, { seal, toram }: Sought): Promise<string> {
  const place = await volumeOf(mountPoint, uuid);
  if (place !== null && place.volume !== 1)
    throw new RekindleError('RK104', `volume ${place.volume} of ${place.volumes}; the rescue system is on volume 1`);
  const set = await readSet(mountPoint, uuid);
  assertClaims(set.rdBase, seal.rdBase, uuid);
  const file = join(mountPoint, 'rekindle', uuid, set.rdBase.path);
  say(`Set ${uuid}: the rescue system is checked, ${formatBytes(seal.rdBase.size)}`);
  const started = performance.now();
  const inMemory = toram || needsOtherDiscs(set);
  const checked = inMemory ? await copyRdBase(file, seal.rdBase) : file;
  if (!inMemory) await checkRdBase(file, seal.rdBase, null);
  note(`${file}: SHA-256 is right, ${Math.round(performance.now() - started)} ms`);
  return checked;
}

/** What set.json says of rd-base proves nothing where it fits, but spares reading where it does not. */
function assertClaims(claimed: MediumSeal['rdBase'], own: MediumSeal['rdBase'], uuid: string): void {
  if (claimed.size !== own.size)
    throw new RekindleError(
      'RK111',
      `set ${uuid} has an rd-base of ${claimed.size} bytes, this initrd was made with one of ${own.size}`,
    );
  if (claimed.sha256 !== own.sha256)
    throw new RekindleError(
      'RK111',
      `set ${uuid} has an rd-base with SHA-256 ${claimed.sha256}, this initrd was made with ${own.sha256}`,
    );
}
