import { readFile } from 'node:fs/promises';
import { spaceOf } from '../../../common/look.ts';
import { listMounts, type Mount } from '../../../restore/layout/mounts.ts';
import type { FileSystemFacts, SwapFacts } from '../facts.ts';

/** What the kernel makes up, and copies of what lies elsewhere. */
const madeUp =
  /^(autofs|bdev|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fuse\.(gvfsd-fuse|lxcfs|portal|snapfuse)|fusectl|hugetlbfs|mqueue|nsfs|overlay|proc|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs)$/;

/** Options without a value that say something of the data, and those whose values are no secret. */
const shownOption = /^(ro|noatime|nodev|nosuid|noexec|sync|discard|(subvol|compress|compress-force|data|errors)=.*)$/;

/** Mounted file systems that hold data, by mount point. */
export async function readFileSystems(): Promise<FileSystemFacts[]> {
  return Promise.all(selectMounts(await listMounts()).map(describeMount));
}

/** One mount of each file system or subvolume; what lies over another at the same place hides it. */
export function selectMounts(mounts: readonly Mount[]): Mount[] {
  const byPlace = new Map(mounts.map((mount) => [mount.target, mount]));
  const seen = new Set<string>();
  return [...byPlace.values()]
    .filter(({ fstype, target }) => target === '/' || !madeUp.test(fstype))
    .toSorted((left, right) => left.target.length - right.target.length)
    .filter((mount) => {
      // Part of a file system mounted elsewhere (a bind mount); a btrfs subvolume is no such part.
      const key = mount.fstype === 'btrfs' ? `${mount['maj:min']} ${mount.fsroot}` : mount['maj:min'];
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .toSorted((left, right) => (left.target < right.target ? -1 : 1));
}

async function describeMount({ target, source, fstype, options }: Mount): Promise<FileSystemFacts> {
  return {
    mountPoint: target,
    source: hideCredentials(source),
    type: fstype,
    options: options.split(',').filter((option) => shownOption.test(option)),
    usage: isLocal(source, fstype) ? await readUsage(target) : null,
  };
}

/** A server may take its time, or be away; then we have nothing to say of it either. */
function isLocal(source: string, type: string): boolean {
  return (source.startsWith('/dev/') || type === 'zfs') && !type.startsWith('fuse.');
}

async function readUsage(path: string): Promise<FileSystemFacts['usage']> {
  const space = await spaceOf(path);
  if (space === null || space === 'silent') return null;
  return { sizeBytes: space.size, usedBytes: space.size - space.free, availableBytes: space.available };
}

/** '//user:word@host' of a network source. */
export function hideCredentials(source: string): string {
  return source.replace(/(\/\/)[^/@]*@/, '$1');
}

/** proc_swaps: name, type, size and use in KiB. */
export async function readSwaps(path = '/proc/swaps'): Promise<SwapFacts[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line) => {
    const [, name = '', type = '', size = '', used = ''] = /^(\S+)\s+(\S+)\s+(\d+)\s+(\d+)/.exec(line) ?? [];
    return name === '' ? [] : [{ path: name, type, sizeBytes: Number(size) * 1024, usedBytes: Number(used) * 1024 }];
  });
}
