import type { Action } from '../plan/step.ts';

/** How one layer of a stack (an array, an encrypted device, a volume group) is made again, as data. */
export interface StackPlan {
  /** 'RAID 5 array md0', 'volume group vg0'. */
  name: string;
  make: Action[];
  /** Instead, where it is there already: nothing is written. Empty where nothing lies on it. */
  open: Action[];
  /** Takes it off again when all is done; what lies on it is off by then. */
  close: Action[];
  /** What does not come back or comes back otherwise, for the plan's warnings. */
  notes: string[];
}

const mebibyte = 2 ** 20;

/**
 * Clears what an earlier life left at both ends of a range in bytes. A layer's inside may hold what its members held
 * before: the same group, array or file system, at the same place.
 */
export function zeroEnds(device: string, offset: number, length: number): Action[] {
  const size = Math.min(length, mebibyte);
  const first = zero(device, offset, size);
  return length <= mebibyte ? [first] : [first, zero(device, offset + length - size, size)];
}

export function zero(device: string, offset: number, length: number): Action {
  return {
    type: 'run',
    argv: [
      ...(['dd', 'if=/dev/zero', `of=${device}`, `bs=${length}`, 'count=1', `seek=${offset}`] as const),
      ...['oflag=seek_bytes', 'iflag=fullblock', 'conv=notrunc,fsync'],
    ],
  };
}
