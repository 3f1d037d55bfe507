import * as z from 'zod';

const count = z.int().positive().optional();

/** How many notes an archive has of each kind; a kind without any is absent. */
export const noteCountsSchema = z.object({
  /** Read while they were written: they may be a mix of two states. */
  changed: count,
  /** Deleted before tar came to them. */
  deleted: count,
  /** Sockets and the like, which hold nothing. */
  sockets: count,
  /** Files that are not in the archive. */
  unsaved: count,
  /** Files that are in it, but not with all that belongs to them. */
  attributes: count,
  /** Folders that turned out to be another file system. */
  others: count,
});
export type NoteCounts = z.infer<typeof noteCountsSchema>;
