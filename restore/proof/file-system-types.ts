import type { Root } from './read/root.ts';

/**
 * File systems of the kernel that take no block device: those of fs/ and its Documentation/filesystems that lack FS_REQUIRES_DEV,
 * and those of well-known modules outside of it. What they need is a server, another folder, or nothing. Reviewed by hand.
 */
const withoutDevice: ReadonlySet<string> = new Set(
  [
    'proc sysfs tmpfs ramfs rootfs devpts devtmpfs devfs securityfs selinuxfs smackfs debugfs tracefs configfs pstore efivarfs',
    'cgroup cgroup2 cpuset bpf hugetlbfs mqueue resctrl binfmt_misc functionfs gadgetfs usbfs usbdevfs oprofilefs spufs binder',
    'autofs rpc_pipefs nfsd nfs nfs4 cifs smb3 smbfs smb2 ncpfs ncp coda afs 9p virtiofs ceph orangefs pvfs2 ocfs2_dlmfs',
    'overlay overlayfs aufs unionfs ecryptfs shiftfs fuse fusectl hostfs hppfs none ignore nullfs',
    'vboxsf prl_fs vmhgfs xenfs ubifs lustre lustre_tgt gpfs panfs beegfs beegfs_nodev glusterfs efs moosefs juicefs',
    // FUSE by the names of its mount.TYPE.
    'mergerfs mergerfs-fuse mhddfs davfs davfs2 sshfs s3fs s3ql rclone rclonefs curlftpfs ftpfs encfs gocryptfs bindfs unionfs-fuse',
    'gcsfuse blobfuse blobfuse2 vmhgfs-fuse lxcfs borgfs google-drive-ocamlfuse onedriver ceph-fuse mfs wslfs drvfs cvmfs',
  ].flatMap((line) => line.split(' ')),
);

/** FUSE file systems that read a block device. */
const fuseOnDevice = /^(fuseblk|fuse\.(ntfs-3g|lowntfs-3g|exfat|exfat-fuse|ntfs|ext2|ext4|fuse2fs|apfs|veracrypt))$/;

/** What a type mounts besides what blkid calls by the same name: the ext4 driver takes ext2 and ext3, and a FAT has several. */
const alsoMounts: Readonly<Record<string, readonly string[]>> = {
  ext4: ['ext2', 'ext3'],
  ext2: ['ext3'],
  msdos: ['vfat'],
  umsdos: ['vfat'],
  fat: ['vfat'],
  'ntfs-3g': ['ntfs'],
  'lowntfs-3g': ['ntfs'],
  ntfs3: ['ntfs'],
  ntfsplus: ['ntfs'],
  'fuse.ntfs-3g': ['ntfs'],
  'fuse.lowntfs-3g': ['ntfs'],
  'fuse.ntfs': ['ntfs'],
  ufsd: ['ntfs', 'exfat', 'hfsplus'],
  fuseblk: ['ntfs', 'exfat'],
  'exfat-fuse': ['exfat'],
  'fuse.exfat': ['exfat'],
  'fuse.exfat-fuse': ['exfat'],
  'fuse.apfs': ['apfs'],
  'fuse.ext2': ['ext2', 'ext3', 'ext4'],
  'fuse.ext4': ['ext2', 'ext3', 'ext4'],
  'fuse.fuse2fs': ['ext2', 'ext3', 'ext4'],
  gfs: ['gfs', 'gfs2'],
  iso9660: ['iso9660', 'udf'],
  udf: ['udf', 'iso9660'],
};

/** What blkid calls a file system that the kernel mounts by the same name. */
const onDevice: ReadonlySet<string> = new Set(
  [
    'ext2 ext3 ext4 xfs btrfs f2fs vfat msdos exfat ntfs ntfs3 jfs reiserfs reiser4 nilfs2 bcachefs erofs squashfs cramfs romfs',
    'iso9660 udf hfs hfsplus apfs ufs minix sysv bfs befs affs adfs hpfs qnx4 qnx6 omfs gfs2 ocfs2 zonefs jffs2 swap',
  ].flatMap((line) => line.split(' ')),
);

export type TypeKind =
  /** A block device holds it; its content must be of the type. */
  | 'disk'
  /** It stands on no disk of this machine. */
  | 'no-disk'
  /** A program on the machine knows what its source means. */
  | 'program'
  | 'unknown';

const helperFolders = ['/sbin', '/usr/sbin', '/bin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

export function kindOfType(type: string, root: Root): TypeKind {
  if (type === 'auto' || type.split(',').some((each) => onDevice.has(each) || each in alsoMounts)) return 'disk';
  if (withoutDevice.has(type)) return 'no-disk';
  if (fuseOnDevice.test(type)) return 'disk';
  // mount(8): 'fuse.sshfs' is FUSE's sshfs.
  if (type.startsWith('fuse.')) return 'program';
  return root.firstFile(helperFolders.map((folder) => `${folder}/mount.${type}`)) === null ? 'unknown' : 'program';
}

/** Whether a line's type ('ext4', 'auto', 'udf,iso9660') can mount what blkid found. */
export function typeFits(type: string, content: string | null): boolean {
  if (content === null || /_member$|^(crypto_LUKS|swap|BitLocker)$/.test(content)) return false;
  return type
    .split(',')
    .some((each) => each === 'auto' || each === content || (alsoMounts[each] ?? []).includes(content));
}
