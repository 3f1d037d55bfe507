import * as z from 'zod';

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
