/** All that a restore must bring back of one file. Keys are paths as latin1, so that any byte is kept. */
export interface Entry {
  type: string;
  mode: string;
  owner: string;
  size: string;
  mtime: string;
  link: string;
  device: string;
  /** Paths that share the inode, the first one's name; '' when alone. */
  hardLinks: string;
  xattrs: string;
  flags: string;
  sha256: string;
  sparse: string;
}

export type Manifest = Record<string, Entry>;

/** A disk image as text and files: what is compared, offline. */
export interface DiskManifest {
  /** sfdisk -d, device names made neutral. */
  table: string;
  /** blkid by partition number. */
  contents: Record<string, string>;
  files: Manifest;
}
