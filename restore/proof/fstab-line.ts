import { type Device, isSameContent, resolveReference } from './devices.ts';
import type { FstabLine } from './read/tables.ts';
import type { Subject } from './subject.ts';

/** File systems that stand on no disk of this machine. */
const withoutDevice =
  /^(proc|sysfs|tmpfs|devpts|devtmpfs|ramfs|nfs4?|cifs|smb3|9p|virtiofs|overlay|fuse\..*|fuse|debugfs|tracefs|securityfs|efivarfs|cgroup2?|hugetlbfs|mqueue|configfs|bpf|ceph|glusterfs|none)$/;
/** What a driver mounts besides its own name: the ext4 driver takes ext2 and ext3, and a FAT has several. */
const alsoMounts: Record<string, readonly string[]> = {
  ext4: ['ext2', 'ext3'],
  ext3: ['ext2'],
  msdos: ['vfat'],
  'ntfs-3g': ['ntfs'],
  ntfs3: ['ntfs'],
};

export const fstabHint = 'Correct /etc/fstab of the restored system: "blkid" shows the ids that there are.';

export interface FstabProblem {
  text: string;
  /** A note: the machine starts all the same. */
  mild: boolean;
}

/** What keeps a line of /etc/fstab from being mounted; null for nothing. */
export function problemOf(entry: FstabLine, subject: Subject): FstabProblem | null {
  const { spec, at, type, options } = entry;
  const { root, devices } = subject;
  const strict = (text: string): FstabProblem => ({ text, mild: false });
  if (!at.startsWith('/')) return strict(`"${at}" is no mount point`);
  if (options.some((option) => option === 'bind' || option === 'rbind')) {
    return root.stat(spec) === null ? strict(`${spec}, bound to ${at}, does not exist`) : null;
  }
  if (withoutDevice.test(type)) return null;
  const found = resolveReference(spec, devices);
  if (found.kind === 'missing') return strict(`${spec} for ${at} is on none of the restored disks`);
  if (found.kind === 'ambiguous' && !isSameContent(found.devices)) {
    return strict(`${spec} for ${at} is on ${found.devices.map(({ path }) => path).join(' and ')}`);
  }
  if (found.kind === 'not-a-device') {
    return root.stat(spec) === null ? strict(`${spec} for ${at} does not exist`) : null;
  }
  const device = found.kind === 'ambiguous' ? found.devices[0] : found.device;
  if (device == null) return { text: `${spec} for ${at} is a name that can change, and is not here`, mild: true };
  if (!fits(type, device))
    return strict(`${at} is to be ${type}, ${device.path} holds ${device.content ?? 'nothing known'}`);
  if (found.kind === 'kernel-name') return { text: `${spec} is a name that can change between boots`, mild: true };
  if (root.isDirectory(at)) return null;
  // systemd makes a missing mount point, others do not.
  return {
    text: `the directory ${at} does not exist`,
    mild: root.stat('/usr/lib/systemd/systemd') !== null || root.stat('/lib/systemd/systemd') !== null,
  };
}

function fits(type: string, { content }: Device): boolean {
  if (type === 'auto' || content === null) return type === 'auto' && content !== null;
  return type.split(',').some((each) => each === content || (alsoMounts[each] ?? []).includes(content));
}
