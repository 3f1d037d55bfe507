import { formatBytes } from '../../common/format.ts';
import type { DiskPicture } from '../../restore/plan/step.ts';
import type { Glyphs } from '../glyphs.ts';

/** Room for a drawing, and what to draw with. */
export interface Drawing {
  /** Columns. */
  width: number;
  glyphs: Glyphs;
  /** Columns before the row: the longest title of those that stand below each other, and a blank. */
  titleWidth?: number;
}

const usualTitle = 12;

/** The same for all titles, so that the rows can be compared. */
export function withTitles(drawing: Drawing, titles: readonly string[]): Drawing {
  return { ...drawing, titleWidth: Math.max(usualTitle, ...titles.map(({ length }) => length + 1)) };
}

/** Cells of each part: its share of the disk, one at least; the largest gives way. */
function cellsOf({ parts }: DiskPicture, width: number): number[] {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0) || 1;
  const cells = parts.map(({ bytes }) => Math.max(1, Math.round((bytes / total) * width)));
  for (let surplus = cells.reduce((sum, each) => sum + each, 0) - width; surplus !== 0; surplus -= Math.sign(surplus)) {
    const largest = cells.indexOf(Math.max(...cells));
    if (largest < 0 || (cells[largest] ?? 0) - Math.sign(surplus) < 1) break;
    cells[largest] = (cells[largest] ?? 0) - Math.sign(surplus);
  }
  return cells;
}

interface PictureLine {
  text: string;
  hanging?: number;
}

/** A disk as one row of cells, its parts to scale, and what they are below it. */
export function drawDisk(title: string, picture: DiskPicture, drawing: Drawing): PictureLine[] {
  const { width, glyphs, titleWidth = usualTitle } = drawing;
  const size = formatBytes(picture.sizeBytes);
  const cells = cellsOf(picture, Math.max(picture.parts.length, width - titleWidth - size.length - 1));
  let filled = 0;
  const row = picture.parts.map(({ name }, index) => {
    const glyph = name === '' ? glyphs.empty : filled++ % 2 === 0 ? glyphs.full : glyphs.half;
    return glyph.repeat(cells[index] ?? 1);
  });
  const legend = picture.parts.map(({ name, bytes }) => `${name === '' ? 'free' : name} ${formatBytes(bytes)}`);
  return [
    { text: `${title.padEnd(titleWidth)}${row.join('')} ${size}` },
    { text: `${' '.repeat(titleWidth)}${legend.join(', ')}`, hanging: 0 },
  ];
}
