import * as z from 'zod';

/** What a restore knows and the restored disks do not say. */
export const savedNamesSchema = z.object({
  /** Names of the saved machine ('/dev/mapper/sda5_crypt', '/dev/md/0') and what they are called now. */
  names: z.array(z.object({ name: z.string(), device: z.string() })),
  /** The saved disks by what udev names hardware after, and which disk each came back on. */
  disks: z.array(z.object({ device: z.string(), serial: z.string().nullable(), wwn: z.string().nullable() })),
});
export type SavedNames = z.infer<typeof savedNamesSchema>;

/** An encrypted device that the machine opens under a name. */
export interface Mapping {
  /** As it is written: 'UUID=...', '/dev/sda3'. */
  source: string;
  /** What is made in it at each start ('swap', 'ext4'); null: what is in it stays. */
  fresh: string | null;
}

/** Names of the restored machine that no device carries itself. */
export interface Names {
  /** By the name below /dev/mapper. */
  mappings: ReadonlyMap<string, Mapping>;
  /** Names in mdadm.conf by the 32 hexadecimal digits of the array's UUID. */
  arrays: ReadonlyMap<string, readonly string[]>;
  /** udev's links here, '/dev/disk/by-id/ata-...', and the device that each leads to. */
  links: ReadonlyMap<string, string>;
  /** Null: no restore is going on, so layers may be closed that the machine opens. */
  saved: SavedNames | null;
  /** Whether the machine has multipath devices. */
  multipath: boolean;
}

export const noNames: Names = {
  mappings: new Map(),
  arrays: new Map(),
  links: new Map(),
  saved: { names: [], disks: [] },
  multipath: false,
};
