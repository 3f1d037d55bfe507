import { randomBytes } from 'node:crypto';
import { appendFile, stat } from 'node:fs/promises';
import { type MediumSeal, sealPath } from '../../common/medium-seal.ts';
import { packOneFile } from './cpio.ts';

/**
 * Appends to the initrd what it must know of its medium: which rd-base is its own, and a fresh key. A prepared initrd may have
 * a seal; the kernel unpacks one segment after the other, and the last one counts. Not compressed: any kernel takes that.
 * @param initrd a copy that belongs to this medium alone
 */
export async function sealInitrd(initrd: string, rdBase: MediumSeal['rdBase']): Promise<MediumSeal> {
  const { size, sha256 } = rdBase;
  const seal: MediumSeal = { rdBase: { size, sha256 }, journalKey: randomBytes(32).toString('hex') };
  const segment = packOneFile(sealPath.slice(1), Buffer.from(`${JSON.stringify(seal)}\n`), 0o600);
  // The kernel looks for an archive that is not compressed only at multiples of 4 bytes, and skips zeros.
  const { size: before } = await stat(initrd);
  await appendFile(initrd, Buffer.concat([Buffer.alloc((4 - (before % 4)) % 4), segment]));
  return seal;
}
