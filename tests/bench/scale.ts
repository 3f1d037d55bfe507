import { measureFrames, measureIndex, measureSave, measureVerify, type Row } from '../scale/measure.ts';
import { alone, type Figure } from './figure.ts';

/** Peak memory of the process tree; where time must grow with the bytes, the last quarter beside the first. */
function figuresOf({ name, peakBytes, seconds, result }: Row): Figure[] {
  const figures = [alone(`${name}: peak`, 'MB', peakBytes / 1e6), alone('  time', 's', seconds)];
  if (!Array.isArray(result.quarters)) return figures;
  const [one = 0, , three = 0, four = 0] = result.quarters as number[];
  return [...figures, alone('  last quarter, first quarter = 1', 'x', (four - three) / one)];
}

export async function measureScale(): Promise<Figure[]> {
  const rows = [await measureSave(64), await measureVerify(64), ...(await measureFrames(1_000_000))];
  rows.push(...(await measureIndex(5_000_000)).rows);
  return rows.flatMap(figuresOf);
}
