import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import type { Keep } from '../../restore/archive/incremental/expired.ts';

/** How many sets of each kind the machine keeps snapshots of; in the settings `keep = {full = 2, incremental = 6}`. */
export const keepSchema = z.strictObject(
  {
    full: z.int().positive().default(2),
    incremental: z.int().nonnegative().default(6),
  },
  'write keep = {full = 2, incremental = 6}',
);
export const defaultKeep: Keep = { full: 2, incremental: 6 };

/** 'full=2,incremental=6', or counts that were parsed before. @throws RekindleError RK005 */
export function parseKeep(text: string | Keep = defaultKeep): Keep {
  if (typeof text !== 'string') return text;
  const counts = Object.fromEntries(
    text.split(',').map((part): [string, unknown] => {
      const [name = '', count = ''] = part.split('=').map((word) => word.trim());
      return [name, /^\d{1,6}$/.test(count) ? Number(count) : Number.NaN];
    }),
  );
  const parsed = keepSchema.safeParse(counts);
  if (!parsed.success) throw new RekindleError('RK005', `--keep ${text}: write full=2,incremental=6`);
  return parsed.data;
}
