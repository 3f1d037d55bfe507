import { digestOf } from './digest.ts';
import { makesLayer, opensLayer } from './reopen.ts';
import type { Plan } from './step.ts';

/**
 * Steps whose words depend on what this machine is like at the moment: the partitions that its disks had before, its memory,
 * the entries of its firmware. All of them but the last are done before a restore is remembered, and never run again.
 */
function isOfTheMoment(id: string): boolean {
  return id.startsWith('wipe:') || makesLayer(id) || id === 'boot:entry';
}

/**
 * SHA-256 in hex of what of a plan is the same when it is planned again in the middle of its restore; that of a plan and of its
 * reopened one are equal.
 */
export function lastingDigest({ steps, reopen }: Pick<Plan, 'steps' | 'reopen'>): string {
  const opening = reopen?.steps ?? steps.filter(({ id }) => opensLayer(id));
  const lasting = steps.filter(({ id }) => !opensLayer(id) && !isOfTheMoment(id));
  return digestOf([...lasting, ...opening]);
}
