import * as z from 'zod';
import { nameSchema, textSchema } from '../layout/words-schema.ts';
import { noteCountsSchema } from './note-counts.ts';

/** The format that this version writes and reads. Format 1 was never released. */
export const setFormat = 2;

/** File system names on a medium: /rekindle/<set uuid>/... (docs/format.md). */
export const setFileNames = {
  set: 'set.json',
  setDigest: 'set.json.sha256',
  manifest: 'manifest.json',
  manifestDigest: 'manifest.json.sha256',
  manifestSignature: 'manifest.json.minisig',
  layout: 'layout/layout.json',
  rdBase: 'rd-base.squashfs',
  answer: 'answer.toml',
  report: 'report.html',
  key: 'key.age',
} as const;

/** A line as sha256sum writes and checks it. */
export function digestLine(sha256: string, name: string): string {
  return `${sha256}  ${name}\n`;
}

/** 'a/b': it leads nowhere else, and nothing else is the same path. */
function isCleanRelative(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** '/', '/home': as the kernel spells a mount point; its names may hold any other character. */
function isCleanAbsolute(path: string): boolean {
  return path === '/' || (path.startsWith('/') && isCleanRelative(path.slice(1)));
}

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** A file of the set: path relative to the set's directory, size in bytes, SHA-256 in hex. */
export const setFileSchema = z.object({
  path: z.string().refine(isCleanRelative, 'is no plain path inside the set'),
  size: z.int().nonnegative(),
  sha256: sha256Schema,
});
export type SetFile = z.infer<typeof setFileSchema>;

/** A file, and the volume that it lies on. */
export const volumeFileSchema = setFileSchema.extend({ volume: z.int().positive() });
export type VolumeFile = z.infer<typeof volumeFileSchema>;

export const machineSchema = z.object({
  hostname: textSchema,
  /** PRETTY_NAME of os-release. */
  os: textSchema,
  kernel: textSchema,
  arch: nameSchema,
  firmware: z.enum(['bios', 'uefi']),
});
export type Machine = z.infer<typeof machineSchema>;

/** Of the smallest media that anybody writes, more than the largest machine fills; a list is made of them. */
const volumesSchema = z.int().positive().max(65_535);

/** set.json: on every volume; enough to know what this disc is, to check it alone, and to mount rd-base. */
export const setSchema = z.object({
  format: z.literal(setFormat),
  set: z.uuid(),
  volume: volumesSchema,
  /** How many there are; the manifest is on the last one. */
  volumes: volumesSchema,
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  rekindleVersion: z.string(),
  machine: machineSchema,
  /** 0 or absent: a full set; else how many sets it needs besides itself. */
  level: z.int().nonnegative().optional(),
  /** On the first volume. */
  rdBase: setFileSchema.optional(),
  /** On the last volume; absent on a rescue-only medium. */
  manifest: setFileSchema.optional(),
  /** SHA-256 of layout.json; absent on a rescue-only medium. */
  layoutSha256: sha256Schema.optional(),
  /** What this volume holds, besides set.json itself and the manifest's companions. */
  files: z.array(setFileSchema),
});
export type SetInfo = z.infer<typeof setSchema>;

/** One saved file system. Sizes in bytes. */
const archiveFields = z.object({
  /** '001-root' */
  name: z.string().refine((name) => isCleanRelative(name) && !name.includes('/'), 'is no plain name'),
  /** 'archives/001-root.tar.zst', where it is cut: '….part2' on the next volume. In order; joined they are the archive. */
  parts: z.array(volumeFileSchema).min(1),
  /** Of the parts together. */
  size: z.int().nonnegative(),
  /** 'archives/001-root.tar.zst.idx' on the last volume: frames, members, notes, what tar loses. */
  index: setFileSchema,
  frames: z.int().nonnegative(),
  /** Where it was mounted: '/', '/boot'. */
  mountPoint: z.string(),
  /** Which device of the layout it fills (LayoutNode id). */
  node: z.string(),
  /** Uncompressed tar stream. */
  tarSize: z.int().nonnegative(),
  members: z.int().nonnegative(),
  /** Inodes with flags or project ids that tar loses. */
  attributes: z.int().nonnegative(),
  /** Files that changed or vanished while read, sockets left out, what is lost: how many. Their names are in the index. */
  notes: z.int().nonnegative(),
  /** Of those: files that are not saved, or not with all their attributes. Absent: none. */
  leftOut: z.int().nonnegative().optional(),
  /** The notes by kind. Absent: none, or of a version that counted them together. */
  noteCounts: noteCountsSchema.optional(),
  /** Its UUID; absent where it has none that tells it from others. */
  fileSystem: z.string().optional(),
  /** Of a btrfs: path of the subvolume from the top level, '' for that itself. */
  subvolume: z
    .string()
    .refine((path) => path === '' || isCleanRelative(path), 'is no plain path of a subvolume')
    .optional(),
  /** What the machine called the device that it lies on, 'sda2', where people do not know it by a mount point. */
  device: textSchema.optional(),
  /** Not a tar stream: what partclone made of a device, or a device as it is. Absent: tar. Its mountPoint is the node's id. */
  method: z.enum(['partclone', 'dd']).optional(),
  /** True: only what changed since the set's base. */
  changes: z.literal(true).optional(),
  /** 'archives/001-root.snar.zst' on the last volume: tar's snapshot file, for the next incremental set. */
  snapshot: setFileSchema.optional(),
});
export const archiveSchema = archiveFields.refine(
  ({ method, mountPoint }) => method !== undefined || isCleanAbsolute(mountPoint),
  { path: ['mountPoint'], message: 'is no absolute path without detours' },
);
export type Archive = z.infer<typeof archiveSchema>;

/** The set that an incremental one builds on. */
export const baseSchema = z.object({
  set: z.uuid(),
  createdAt: z.string(),
  /** 0: a full set. */
  level: z.int().nonnegative(),
});
export type Base = z.infer<typeof baseSchema>;

/** manifest.json: on the last volume. */
export const manifestSchema = z.object({
  format: z.literal(setFormat),
  set: z.uuid(),
  volumes: volumesSchema,
  /** 'age': archives and indexes are age files. Absent: nothing is encrypted. */
  encryption: z.literal('age').optional(),
  /** 0 or absent: a full set; else how many sets it needs besides itself. */
  level: z.int().nonnegative().optional(),
  /** Absent on a full set. */
  base: baseSchema.optional(),
  /** Hash of /etc/machine-id: sets of one machine have the same. */
  machineId: z.string().optional(),
  layout: setFileSchema,
  archives: z.array(archiveSchema),
  /** Every file of the set but manifest.json with its companions and the set.json of each volume. */
  files: z.array(volumeFileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;
