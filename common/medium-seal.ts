import * as z from 'zod';
import { RekindleError } from './errors/error.ts';
import { readSmallFile } from './files/read-small-file.ts';
import { visible } from './visible.ts';

/**
 * What the initrd knows of its own medium, as its last cpio segment: written by `create` after all else is made, believed by
 * PID 1 because it came with the kernel. PID 1 hands it on to the engine under `handedOnSealPath`, mode 0600.
 */
export const mediumSealSchema = z.strictObject({
  /** The one rd-base that belongs to this initrd. */
  rdBase: z.strictObject({ size: z.int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** 32 bytes in hex: the journal on a target's disk carries a MAC by it when the set is not encrypted. Whoever read the medium can forge it. */
  journalKey: z.string().regex(/^[0-9a-f]{64}$/),
});
export type MediumSeal = z.infer<typeof mediumSealSchema>;

/** In the initramfs. */
export const sealPath = '/etc/rekindle/seal.json';
/** For the engine, after the root was changed. */
export const handedOnSealPath = '/run/rekindle/seal.json';

/** A seal has 250. Bytes. */
const sealBytes = 4096;

/** Null when there is none. @throws RekindleError RK113 for one that is damaged, or anything but a small regular file */
export async function readSeal(path: string): Promise<MediumSeal | null> {
  try {
    const bytes = await readSmallFile(path, { limit: sealBytes });
    return mediumSealSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new RekindleError('RK113', `${path}: ${visible(wordsOf(error))}`);
  }
}

/** Nothing of the text itself, which holds a key; so no cause is kept either. */
function wordsOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error).replaceAll(/\s+/g, ' ');
  if (error instanceof SyntaxError) return 'it is no JSON';
  return error instanceof Error ? error.message : String(error);
}
