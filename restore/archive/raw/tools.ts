import { findProgram } from '../../../common/find-program.ts';

/** partclone's program for blkid's TYPE; partclone(8). It copies used blocks only. */
const programs: Record<string, string> = {
  ...{ ntfs: 'partclone.ntfs', exfat: 'partclone.exfat', hfsplus: 'partclone.hfsplus', apfs: 'partclone.apfs' },
  ...{ reiser4: 'partclone.reiser4', minix: 'partclone.minix', f2fs: 'partclone.f2fs', vfat: 'partclone.vfat' },
  ...{ ext2: 'partclone.ext2', ext3: 'partclone.ext3', ext4: 'partclone.ext4', xfs: 'partclone.xfs' },
  ...{ btrfs: 'partclone.btrfs' },
};

export type RawMethod = 'partclone' | 'dd';
export type Argv = readonly [string, ...string[]];

/** How a device is read, what is better first. */
export async function readers(device: string, type: string): Promise<{ method: RawMethod; argv: Argv }[]> {
  const dd = { method: 'dd', argv: ['dd', `if=${device}`, 'bs=4M', 'status=none'] } as const;
  const program = programs[type];
  if (program === undefined || !(await findProgram(program)) || !(await findProgram('partclone.restore'))) return [dd];
  const argv = [program, '--clone', '--source', device, '--output', '-', '--logfile', '/dev/null'] as const;
  return [{ method: 'partclone', argv }, dd];
}

/**
 * How it is written. dd writes zeros too, where conv=sparse would leave what was there before: a target need not be empty.
 * partclone leaves unused blocks alone.
 */
export function writer(method: RawMethod, device: string): Argv {
  return method === 'partclone'
    ? ['partclone.restore', '--source', '-', '--output', device, '--logfile', '/dev/null']
    : ['dd', `of=${device}`, 'bs=4M', 'iflag=fullblock', 'conv=notrunc,fsync', 'status=none'];
}
