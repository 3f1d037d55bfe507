import * as z from 'zod';
import { targetDiskSchema } from '../step.ts';

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
