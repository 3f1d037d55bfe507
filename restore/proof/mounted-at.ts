/** A file system of the system under proof. */
export interface MountedAt {
  /** Path of the system: '/', '/boot'. */
  at: string;
  device: string;
  type: string;
  /** Which directory of the file system is seen there: '/' or a btrfs subvolume's '/@'. */
  within: string;
  /** Of a btrfs, the number of the subvolume that is seen there. */
  subvolumeId?: number;
}
