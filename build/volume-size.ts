import { RekindleError } from '../common/errors/error.ts';
import { parseBytes } from '../common/format.ts';

/** The rescue system alone needs some 150 MB on the first volume. */
const smallest = 200e6;

/**
 * '650M', '4.7G', '25G' as printed on discs (powers of ten), '4GiB' in powers of two, or bytes.
 * @throws RekindleError RK222
 */
export function parseVolumeSize(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === null) throw new RekindleError('RK222', `"${text}" is no size`);
  if (bytes < smallest) throw new RekindleError('RK222', `${text} is too small for the rescue system`);
  return bytes;
}
