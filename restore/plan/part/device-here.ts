import * as z from 'zod';
import { partKinds, targetDiskSchema } from '../step.ts';

/** A partition, a volume or a whole disk of this machine that one file system can be restored into. */
export const deviceHereSchema = z.object({
  /** '/dev/vda5' */
  path: z.string(),
  /** 'vda5', 'mapper/vg0-home': what the user types. */
  name: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** TYPE and UUID of blkid; null where nothing is known on it. */
  type: z.string().nullable(),
  uuid: z.string().nullable(),
  /** What is on it now, for people: 'ext4 "root"'; empty for nothing known. */
  content: z.string(),
  /** All disks that it lies on. */
  disks: z.array(targetDiskSchema),
  /** Why it cannot be chosen; null when it can. */
  refusal: z.string().nullable(),
});
export type DeviceHere = z.infer<typeof deviceHereSchema>;

/** What is to be done with one saved file system. */
export const fileSystemOrderSchema = z.object({
  /** Mount point or id of the layout: '/home', 'disk0:5'. */
  fileSystem: z.string(),
  /** '/dev/vdb5' */
  device: z.string(),
  /** Null: into the file system that is there. 'same': made anew as it was saved. Else made anew with this type. */
  make: z.string().nullable(),
});
export type FileSystemOrder = z.infer<typeof fileSystemOrderSchema>;

/** What of a machine is wanted: a part of its restore, or one file system. */
export const partOrderSchema = z.union([
  z.object({ only: z.enum(partKinds).exclude(['file-system']) }),
  fileSystemOrderSchema,
]);
export type PartOrder = z.infer<typeof partOrderSchema>;

/** A saved file system that can be restored alone. */
export const savedFileSystemSchema = z.object({
  /** Mount point, or the id where there is none. */
  name: z.string(),
  type: z.string(),
  /** Unpacked. */
  bytes: z.number(),
  files: z.number(),
});
export type SavedFileSystem = z.infer<typeof savedFileSystemSchema>;

/** What can be restored alone, and into what. */
export const devicesAnswerSchema = z.object({
  fileSystems: z.array(savedFileSystemSchema),
  devices: z.array(deviceHereSchema),
});
export type DevicesAnswer = z.infer<typeof devicesAnswerSchema>;
