import * as z from 'zod';
import {
  arrayIdSchema,
  arrayNameSchema,
  cipherSchema,
  diskIdSchema,
  fewSchema,
  kernelNameSchema,
  longTextSchema,
  lvmNameSchema,
  lvmTagSchema,
  mappedNameSchema,
  nameSchema,
  nodeIdSchema,
  textSchema,
  unitSchema,
  uuidSchema,
} from './words-schema.ts';

/**
 * What a node lies on. Nodes, arrays and groups make a graph without circles: a node's content may be a member of an
 * array or a group, or be encrypted, and other nodes lie on those.
 */
export const originSchema = z.discriminatedUnion('type', [
  /** 'disk0:5' */
  z.object({ type: z.literal('partition'), disk: diskIdSchema, number: z.int().positive().max(65_536) }),
  /** 'disk0': a disk used whole, without a table. */
  z.object({ type: z.literal('disk'), disk: diskIdSchema }),
  /** 'md:NAME': an md array. */
  z.object({ type: z.literal('array'), array: arrayIdSchema }),
  /** 'crypt:NAME': the opened side of the LUKS node `on`; `name` is the mapping's name on the saved machine. */
  z.object({ type: z.literal('crypt'), on: nodeIdSchema, name: mappedNameSchema }),
  /** 'lv:vg0/root' */
  z.object({ type: z.literal('volume'), group: lvmNameSchema, name: lvmNameSchema }),
]);
export type Origin = z.infer<typeof originSchema>;

const pbkdfSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pbkdf2'), hash: nameSchema, iterations: z.int().positive() }),
  z.object({
    type: z.enum(['argon2i', 'argon2id']),
    iterations: z.int().positive(),
    memoryKiB: z.int().positive(),
    threads: fewSchema,
  }),
]);
export type Pbkdf = z.infer<typeof pbkdfSchema>;

/** LUKS1 or LUKS2: all of the header but the key material. Only metadata: no secret is in it. */
export const luksContentSchema = z.object({
  kind: z.literal('luks'),
  version: z.union([z.literal(1), z.literal(2)]),
  uuid: uuidSchema,
  label: textSchema,
  subsystem: textSchema,
  /** 'aes-xts-plain64' */
  cipher: cipherSchema,
  /** Bytes of the volume key: 64 for aes-xts with 512 bits. */
  keyBytes: fewSchema,
  /** Of the header's anti-forensic splitter and digest: 'sha256'. */
  hash: nameSchema,
  /** 512 or 4096; always 512 in LUKS1. */
  sectorBytes: unitSchema,
  /** Where the encrypted data begin. */
  dataOffsetBytes: z.int().nonnegative(),
  /** LUKS2: size of one copy of the JSON metadata, with its binary header, and of the area of the key slots. */
  metadataBytes: z.int().positive().nullable(),
  keyslotsBytes: z.int().positive().nullable(),
  /** LUKS2's persistent flags: 'allow-discards', 'no-read-workqueue' ... */
  flags: z.array(textSchema),
  /** Every key slot; the first usable one's parameters are used again. */
  keySlots: z.array(z.object({ slot: z.int().nonnegative(), pbkdf: pbkdfSchema, priority: nameSchema.optional() })),
  /** LUKS2 tokens by type: 'clevis', 'systemd-tpm2'. */
  tokens: z.array(textSchema),
  /** The JSON of a LUKS2 header, for people: salts and digests, but no key material. */
  metadata: longTextSchema.optional(),
});
export type LuksContent = z.infer<typeof luksContentSchema>;

export const arrayMemberSchema = z.object({
  kind: z.literal('array-member'),
  /** 'md:NAME' */
  array: arrayIdSchema,
  /** Place in the array; null for a spare. */
  slot: z.int().nonnegative().max(4095).nullable(),
  /** Where the array's data begin on this member. */
  dataOffsetBytes: z.int().nonnegative(),
});
export type ArrayMember = z.infer<typeof arrayMemberSchema>;

export const groupMemberSchema = z.object({
  kind: z.literal('group-member'),
  group: lvmNameSchema,
  /** Physical volume UUID, with dashes as LVM prints it. */
  uuid: uuidSchema,
  /** Where the first extent begins. */
  dataOffsetBytes: z.int().nonnegative(),
});
export type GroupMember = z.infer<typeof groupMemberSchema>;

export const arraySchema = z.object({
  /** 'md:NAME' */
  id: arrayIdSchema,
  /** Kernel's name on the saved machine, for people: 'md0'. */
  device: kernelNameSchema,
  /** Name in the superblock, with its host: 'web01:0'; null in metadata 0.90. */
  name: arrayNameSchema.nullable(),
  level: z.enum(['raid0', 'raid1', 'raid4', 'raid5', 'raid6', 'raid10']),
  /** '1.2' */
  metadata: z.enum(['0.90', '1.0', '1.1', '1.2']),
  /** As mdadm prints it: '01234567:89abcdef:01234567:89abcdef'. */
  uuid: uuidSchema,
  /** Places of the array, missing ones included. */
  slots: fewSchema,
  chunkBytes: z.int().positive().nullable(),
  /** mdadm's --layout: 'left-symmetric', 'near=2', as 'n2'; null where the level has none. */
  layout: nameSchema.nullable(),
  /** Bytes that each member gives to the array; null: all that there is (RAID 0). */
  componentBytes: z.int().positive().nullable(),
  /** How it recovers after a crash: by a full resync, an internal bitmap, or a partial parity log. */
  consistency: z.enum(['resync', 'bitmap', 'ppl']),
  bitmapChunkBytes: z.int().positive().nullable(),
  /** `mdadm --detail --export`, for people. */
  detail: longTextSchema,
});
export type LayoutArray = z.infer<typeof arraySchema>;

export const volumeSchema = z.object({
  name: lvmNameSchema,
  uuid: uuidSchema,
  /** lvcreate's --type: 'linear', 'striped', 'mirror', 'raid1', 'raid5' ..., 'thin-pool', 'thin'. */
  type: nameSchema,
  /** Of a thin volume: its virtual size. Equal to the node's where there is one. */
  sizeBytes: z.int().positive(),
  /** Data stripes. */
  stripes: fewSchema,
  stripeBytes: z.int().positive().nullable(),
  /** Copies beside the first. */
  mirrors: z.int().nonnegative().max(4096),
  regionBytes: z.int().positive().nullable(),
  tags: z.array(lvmTagSchema),
  readOnly: z.boolean(),
  /** Of a thin volume. */
  pool: lvmNameSchema.nullable(),
  /** Of a thin pool. */
  thinPool: z
    .object({
      chunkBytes: z.int().positive(),
      metadataBytes: z.int().positive(),
      discards: nameSchema,
      zeroNew: z.boolean(),
    })
    .nullable(),
});
export type Volume = z.infer<typeof volumeSchema>;

export const groupSchema = z.object({
  /** Its name. */
  id: lvmNameSchema,
  uuid: uuidSchema,
  extentBytes: z.int().positive(),
  tags: z.array(lvmTagSchema),
  /** In an order in which they can be made: pools before their volumes. Sizes decide over `backup`. */
  volumes: z.array(volumeSchema),
  /** Whether the text alone brings everything back; not with thin pools, caches or snapshots. */
  exact: z.boolean(),
  /** The text of `vgcfgbackup`. */
  backup: longTextSchema,
  /** What does not come back: snapshots, caches. Sentences. */
  notes: z.array(textSchema),
});
export type LayoutGroup = z.infer<typeof groupSchema>;
