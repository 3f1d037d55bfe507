import * as z from 'zod';
import { partScopes } from './names.ts';

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
export const partOrderSchema = z.union([z.object({ only: z.enum(partScopes) }), fileSystemOrderSchema]);
export type PartOrder = z.infer<typeof partOrderSchema>;
