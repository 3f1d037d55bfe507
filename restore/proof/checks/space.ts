import { formatBytes, formatCount } from '../../../common/format.ts';
import { type Check, verdictOf } from '../check.ts';

/** Less than this, and services fail to start or a kernel update fails. Bytes, inodes. */
const least = {
  '/': { bytes: 64 * 2 ** 20, inodes: 500 },
  '/var': { bytes: 64 * 2 ** 20, inodes: 500 },
  '/boot': { bytes: 2 ** 20, inodes: 10 },
} as const;

export const space: Check = {
  id: 'space',
  title: 'there is free space',
  stopsBoot: false,
  async run(subject) {
    const problems: string[] = [];
    const seen: string[] = [];
    for (const [at, { bytes, inodes }] of Object.entries(least)) {
      if (!subject.mounts.some((mount) => mount.at === at)) continue;
      const { freeBytes, totalInodes, freeInodes } = await subject.space(at);
      seen.push(`${at} has ${formatBytes(freeBytes)} free`);
      if (freeBytes < bytes) problems.push(`${at} has only ${formatBytes(freeBytes)} free`);
      // btrfs and vfat count no inodes.
      if (totalInodes > 0 && freeInodes < inodes)
        problems.push(`${at} has only ${formatCount(freeInodes)} free inodes`);
    }
    return verdictOf(problems, 'Remove what is not needed, or restore onto a larger disk.', seen.join(', '));
  },
};
