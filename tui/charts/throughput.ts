import Line from 'blessed-contrib/lib/widget/charts/line.js';
import type { Glyphs } from '../glyphs.ts';

const megabyte = 1e6;
const firstBraille = 0x2800;
/** Dots of the upper and the lower half of a braille cell. */
const upperDots = 0b00011011;
const lowerDots = 0b11100100;

/** The Linux console has no braille: each cell becomes the half blocks that its dots touch. */
export function foldBraille(text: string, glyphs: Glyphs): string {
  let folded = '';
  for (const character of text) {
    const dots = character.codePointAt(0) ?? 0;
    if (dots < firstBraille || dots > firstBraille + 0xff) {
      folded += character;
      continue;
    }
    const [upper, lower] = [(dots & upperDots) !== 0, (dots & lowerDots) !== 0];
    folded += upper && lower ? glyphs.block : upper ? glyphs.upper : lower ? glyphs.lower : ' ';
  }
  return folded;
}

/**
 * A chart of throughput drawn off screen by blessed-contrib, as plain lines.
 * @param history bytes per second, one sample a second, newest last
 */
export function renderThroughput(history: readonly number[], columns: number, rows: number, glyphs: Glyphs): string[] {
  const shown = history.slice(-Math.max(2, columns - 8)).map((bytes) => bytes / megabyte);
  while (shown.length < 2) shown.unshift(0);
  const chart = new Line({
    width: columns,
    height: rows,
    xLabelPadding: 3,
    xPadding: 10,
    numYLabels: 3,
    maxY: Math.max(1, ...shown) * 1.2,
    wholeNumbersOnly: Math.max(...shown) >= 6,
    style: { line: 'normal', text: 'normal', baseline: 'normal' },
  });
  chart.emit('attach');
  chart.setData([{ x: shown.map(() => ' '), y: shown }]);
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
  const frame = chart.ctx._canvas.frame().replaceAll(escapes, '');
  return foldBraille(frame, glyphs)
    .split('\n')
    .slice(0, rows)
    .map((line) => line.slice(0, columns).trimEnd());
}
