import * as z from 'zod';
import { savedNamesSchema } from '../proof/reference/names.ts';
import { partScopes } from './part/names.ts';
import { partOrderSchema } from './part/order.ts';

/** What a step does, in order. Paths below `/mnt/target` are the restored machine's. */
export const actionSchema = z.discriminatedUnion('type', [
  /** An outside command; every exit code but `okExit` (default [0]) stops the restore. */
  z.object({
    type: z.literal('run'),
    argv: z.tuple([z.string()], z.string()),
    input: z.string().optional(),
    /** Name of a secret that goes to standard input instead of `input`; the plan never holds it. */
    secret: z.string().optional(),
    okExit: z.array(z.int()).optional(),
  }),
  /** Wait until this block device exists with exactly this size (bytes; null: any), at most 30 s. */
  z.object({ type: z.literal('await-node'), device: z.string(), sizeBytes: z.int().positive().nullable() }),
  /** Refuse unless `device` (or one of its `devices`) is mounted on `at` with this file-system UUID (null: not checked). */
  z.object({
    type: z.literal('assert-mounted'),
    device: z.string(),
    at: z.string(),
    uuid: z.string().nullable(),
    devices: z.array(z.string()).optional(),
  }),
  /** Refuse unless the disk is still the one that was chosen, and is not in use. */
  z.object({
    type: z.literal('assert-disk'),
    device: z.string(),
    sizeBytes: z.int().positive(),
    serial: z.string().nullable(),
    wwn: z.string().nullable(),
  }),
  /** Refuse unless the device has this size (null: any), is used by nobody, and holds this type and UUID (null: whatever it holds). */
  z.object({
    type: z.literal('assert-device'),
    device: z.string(),
    sizeBytes: z.int().positive().nullable(),
    holds: z.object({ type: z.string(), uuid: z.string().nullable() }).nullable(),
  }),
  /** Refuse when one of these is there: arrays and mappings that are about to be made, and may be another disk's. */
  z.object({ type: z.literal('assert-free'), devices: z.array(z.string()) }),
  /** Release what the kernel holds on the disk (mounts, swap, md, LVM); fails when something stays. */
  z.object({ type: z.literal('release-disk'), device: z.string() }),
  /** Extract an archive of the set into a file system mounted alone; verify the stream's digest; syncfs. */
  z.object({
    type: z.literal('extract'),
    archive: z.string(),
    at: z.string(),
    device: z.string(),
    /** The archive holds changes only: what of other sets comes before, in order. */
    before: z.array(z.object({ set: z.uuid(), archive: z.string() })).optional(),
  }),
  /** Write a raw archive of the set onto a device; verify each frame. */
  z.object({ type: z.literal('write-raw'), archive: z.string(), device: z.string() }),
  /** Set what tar loses, from the archive's index: inode flags (+i, +a), project ids; last, for they forbid changes. */
  z.object({
    type: z.literal('inode-flags'),
    archive: z.string(),
    at: z.string(),
    /** Where the file system is of another type than the saved one: the flags that it knows, and whether it has project ids. */
    only: z.object({ flags: z.int(), projects: z.boolean() }).optional(),
  }),
  z.object({ type: z.literal('mkdir'), path: z.string(), mode: z.int() }),
  z.object({ type: z.literal('write-file'), path: z.string(), content: z.string(), mode: z.int() }),
  /** Ask of the mounted system whether it can start; its disks alone count. Never stops the restore: people decide. */
  z.object({
    type: z.literal('prove'),
    root: z.string(),
    disks: z.array(z.string()),
    /** What the saved machine called its devices; its files still do. */
    saved: savedNamesSchema.optional(),
  }),
  /** Copy the log, the journal and the marker of this restore to /var/log/rekindle of the target. */
  z.object({
    type: z.literal('copy-log'),
    root: z.string(),
    /** Where the marker is put, too: what can be looked at without opening the layers that the root lies on. */
    marks: z.array(z.string()).optional(),
  }),
]);
export type Action = z.infer<typeof actionSchema>;

export const stepSchema = z
  .object({
    /** Stable between runs: 'table:disk0', 'make:disk0:5', 'extract:disk0:5'. */
    id: z.string(),
    /** A sentence for people: 'make ext4 file system for /, same UUID'. */
    title: z.string(),
    /** What it works on, as shown in the plan's right column: 'vda5'. */
    target: z.string(),
    /** What is lost by it, a sentence; null when nothing is. */
    destroys: z.string().nullable(),
    actions: z.array(actionSchema),
    /** What is there once it is done, read back before a restore goes on after it: UUIDs as blkid tells them, of devices. */
    leaves: z.array(z.object({ device: z.string(), uuid: z.string() })).optional(),
    /** Bytes that this step moves (tar stream), for progress; 0 for short steps. */
    weightBytes: z.int().nonnegative(),
  })
  .readonly();
export type Step = z.infer<typeof stepSchema>;

/** A disk as found in this machine. Sizes in bytes. */
export const targetDiskSchema = z.object({
  /** '/dev/vda' */
  path: z.string(),
  /** 'vda': what the user types. */
  name: z.string(),
  model: z.string(),
  serial: z.string().nullable(),
  wwn: z.string().nullable(),
  sizeBytes: z.int().nonnegative(),
  logicalSectorBytes: z.int().positive(),
  transport: z.string().nullable(),
  removable: z.boolean(),
  /** What is on it now: ['ext4 "root" 5.0 GB', 'swap 512 MB']; empty for a blank disk. */
  contents: z.array(z.string()),
  /** Why it cannot be chosen ('this medium', 'read-only', 'too small: needs 6.4 GB'); null when it can. */
  refusal: z.string().nullable(),
  /** Device nodes of its partitions now, wiped one by one before the new table: ['/dev/vda1']. */
  partitions: z.array(z.string()).optional(),
});
export type TargetDisk = z.infer<typeof targetDiskSchema>;

export const sizesSchema = z.object({
  /** 'keep': room at the end of a larger disk stays unused. 'fill': file systems grow into it. */
  larger: z.enum(['keep', 'fill']).optional(),
  /** Bytes by node of the layout, multiples of 1 MiB. */
  wishes: z.record(z.string(), z.int().positive()).optional(),
});
export type Sizes = z.infer<typeof sizesSchema>;

/** A disk as a row of parts, for people. Bytes; a part without a name is free. */
export const diskPictureSchema = z.object({
  sizeBytes: z.int().nonnegative(),
  parts: z.array(z.object({ name: z.string(), bytes: z.int().nonnegative() })),
});
export type DiskPicture = z.infer<typeof diskPictureSchema>;

/** What can be given another size. Bytes. */
export const adjustableSchema = z.object({
  node: z.string(),
  /** '/', 'swap disk0:2' */
  name: z.string(),
  saved: z.int().nonnegative(),
  planned: z.int().nonnegative(),
  minimum: z.int().nonnegative(),
  /** What the content itself can fill; null where nothing limits it. The disks have less. */
  maximum: z.int().nonnegative().nullable(),
  /** What the set holds for it; null where nobody counts files. */
  holds: z.int().nonnegative().nullable(),
});
export type Adjustable = z.infer<typeof adjustableSchema>;

export const planSecretSchema = z.object({
  name: z.string(),
  /** For people. */
  title: z.string(),
  /** The device that it opens already. Absent: it is a new one. */
  opens: z.string().optional(),
});
export type PlanSecret = z.infer<typeof planSecretSchema>;

export const planSchema = z.object({
  set: z.uuid(),
  /** SHA-256 of the canonical JSON of steps, with those to reopen: journals refer to it. */
  digest: z.string(),
  /** Which saved disk goes onto which disk here. */
  targets: z.array(z.object({ source: z.string(), disk: targetDiskSchema })),
  steps: z.array(stepSchema),
  /** A part of the machine, not the whole; `confirm` is what is typed to start it: the name of a disk or of a device. */
  part: z
    .object({ kind: z.enum([...partScopes, 'file-system']), order: partOrderSchema, confirm: z.string() })
    .optional(),
  /** What must be asked for before the restore begins. */
  secrets: z.array(planSecretSchema).optional(),
  /** How arrays, encryption and volume groups are opened again when the machine was switched off in the middle of it. */
  reopen: z.object({ steps: z.array(stepSchema), secrets: z.array(planSecretSchema) }).optional(),
  /** What comes back at another size: '/: 40 GB -> 22 GB, holds 17.3 GB'. */
  sizes: z.array(z.string()).optional(),
  /** What was asked for: planning with it again gives this plan. */
  asked: sizesSchema.optional(),
  /** What can be given another size. */
  adjustable: z.array(adjustableSchema).optional(),
  /** Each target disk as the saved one was and as it will be. */
  pictures: z.array(z.object({ source: z.string(), before: diskPictureSchema, after: diskPictureSchema })).optional(),
  /** What becomes of room at the end of larger disks; absent where there is none. */
  room: z.enum(['kept', 'filled']).optional(),
  /** For people: the sets that it takes, the oldest first. Absent: one full set. */
  sets: z.array(z.string()).optional(),
  /** Things the user should know before saying yes. */
  warnings: z.array(z.string()),
});
export type Plan = z.infer<typeof planSchema>;

/** What is typed to start a plan, when all is as it should be. */
export function nameToType({ part, targets }: Pick<Plan, 'part' | 'targets'>): string {
  return part?.confirm ?? targets[0]?.disk.name ?? '';
}

/** Of a disk or a device: nobody found anything. There may be data all the same, so that nobody calls it empty. */
export const nothingFound = 'no partitions and no file system were found on it';

/** Whether nothing is there that a person could miss: no content at all, or a partition table without a partition. */
export function holdsNothing({ contents }: Pick<TargetDisk, 'contents'>): boolean {
  return contents.every((content) => /^empty (GPT|MBR) partition table$/.test(content));
}

/** What is on a disk, for people. */
export function contentsOf(disk: Pick<TargetDisk, 'contents'>): string {
  if (disk.contents.length === 0) return nothingFound;
  return holdsNothing(disk) ? `only an ${disk.contents.join(', ')} was found on it` : disk.contents.join(', ');
}
