import { RekindleError } from '../common/errors/error.ts';

const units: Record<string, number> = {
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};
/** The rescue system alone needs some 150 MB on the first volume. */
const smallest = 200e6;

/**
 * '650M', '4.7G', '25G' as printed on discs (powers of ten), '4GiB' in powers of two, or bytes.
 * @throws RekindleError RK222
 */
export function parseVolumeSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text.trim());
  if (!match) throw new RekindleError('RK222', `"${text}" is no size`);
  const bytes = Math.floor(Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 1));
  if (bytes < smallest) throw new RekindleError('RK222', `${text} is too small for the rescue system`);
  return bytes;
}
