import * as z from 'zod';
import { contentLayer } from './layer.ts';
import type { Probe } from './probe.ts';
import { describeContent } from './unsupported-words.ts';
import { nameSchema, textSchema } from './words-schema.ts';

/** What is saved as it lies on the device: file systems that tar cannot read, and unknown ones. */
export const rawContentSchema = z.object({
  kind: z.literal('raw'),
  /** blkid's TYPE: 'ntfs'. */
  type: nameSchema,
  /** 'NTFS "Windows"' */
  words: textSchema,
});
export type RawContent = z.infer<typeof rawContentSchema>;

/**
 * Parts of something that is whole only with other devices, hibernated memory: a copy is of no use, or dangerous. Refused or
 * told elsewhere.
 */
const senseless =
  /(_member|^swsuspend|^swap|^bcache|^drbd|^jbd|^crypto_LUKS|^LVM\d_member|^DM_\w+|^mpath_member)$|^jbd/;

/** Null: nothing that a copy would bring back. */
export function rawContent(probe: Probe): RawContent | null {
  const type = probe.TYPE;
  const words = describeContent(probe);
  if (type === undefined || words === null || senseless.test(type)) return null;
  return { kind: 'raw', type, words };
}

/** Nothing is made: its archive brings all of it. */
export const raw = contentLayer(rawContentSchema, {
  kinds: ['raw'],
  async capture(device) {
    throw new TypeError(`${device}: raw contents are told from others by rawContent`);
  },
  plan: ({ words }) => ({ name: words, uuid: null, mount: null, rehearse: [], make: [], notes: [] }),
});
