import { z } from 'zod';

/** File system names on a medium: /rekindle/<set uuid>/... (docs/format.md). */
export const setFileNames = {
  set: 'set.json',
  manifest: 'manifest.json',
  manifestDigest: 'manifest.json.sha256',
  layout: 'layout/layout.json',
  rdBase: 'rd-base.squashfs',
  answer: 'answer.toml',
} as const;

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** A file of the set: path relative to the set's directory, size in bytes, SHA-256 in hex. */
export const setFileSchema = z.object({ path: z.string(), size: z.int().nonnegative(), sha256: sha256Schema });
export type SetFile = z.infer<typeof setFileSchema>;

export const machineSchema = z.object({
  hostname: z.string(),
  /** PRETTY_NAME of os-release. */
  os: z.string(),
  kernel: z.string(),
  arch: z.string(),
  firmware: z.enum(['bios', 'uefi']),
});
export type Machine = z.infer<typeof machineSchema>;

/** set.json: on every volume; enough to know what this disc is and to mount rd-base. */
export const setSchema = z.object({
  format: z.literal(1),
  set: z.uuid(),
  volume: z.int().positive(),
  last: z.boolean(),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  rekindleVersion: z.string(),
  machine: machineSchema,
  rdBase: setFileSchema,
  /** Absent on a rescue-only medium. */
  manifest: setFileSchema.optional(),
});
export type SetInfo = z.infer<typeof setSchema>;

/** One saved file system. Sizes in bytes. */
export const archiveSchema = z.object({
  /** 'archives/001-root.tar.zst' */
  file: setFileSchema,
  /** Where it was mounted: '/', '/boot'. */
  mountPoint: z.string(),
  /** Which device of the layout it fills (LayoutNode id). */
  node: z.string(),
  /** Uncompressed tar stream. */
  tarSize: z.int().nonnegative(),
  tarSha256: sha256Schema,
  members: z.int().nonnegative(),
  /** 'archives/001-root.flags.json': inode flags that tar loses. */
  flags: setFileSchema.optional(),
  /** Files that changed or vanished while read, sockets left out. */
  notes: z.array(z.string()),
});
export type Archive = z.infer<typeof archiveSchema>;

/** manifest.json: on the last volume. */
export const manifestSchema = z.object({
  format: z.literal(1),
  set: z.uuid(),
  layout: setFileSchema,
  archives: z.array(archiveSchema),
  /** Every file of the set but manifest.json, manifest.json.sha256 and set.json. */
  files: z.array(setFileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;
