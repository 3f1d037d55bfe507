import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { RekindleError } from '../common/errors/error.ts';
import { handedOnSealPath, type MediumSeal, readSeal, sealPath } from '../common/medium-seal.ts';

/** @throws RekindleError RK112, RK113: without a seal any device with the wanted UUID would be as good as the medium */
export async function readOwnSeal(path = sealPath): Promise<MediumSeal> {
  const seal = await readSeal(path);
  if (seal === null) throw new RekindleError('RK112', `${path} is not there`);
  return seal;
}

/** For the engine, which comes when the initramfs was emptied. It holds a key: root's alone. */
export function handOnSeal(seal: MediumSeal, path = handedOnSealPath): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, `${JSON.stringify(seal)}\n`, { mode: 0o600, flag: 'wx' });
}
