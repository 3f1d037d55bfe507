/** One measured figure beside what a user would pick instead. Ratios above 1 mean that Rekindle is better. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What it is compared with; null when it stands alone. */
  baseline: string | null;
  baselineValue: number | null;
  ratio: number | null;
}

export function compare(
  name: string,
  unit: string,
  ours: number,
  baseline: string,
  theirs: number,
  better: 'higher' | 'lower',
): Figure {
  return {
    name,
    value: ours,
    unit,
    baseline,
    baselineValue: theirs,
    ratio: better === 'higher' ? ours / theirs : theirs / ours,
  };
}

export function alone(name: string, unit: string, value: number): Figure {
  return { name, value, unit, baseline: null, baselineValue: null, ratio: null };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** A table for people. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${round(figure.value)} ${figure.unit}`,
    figure.baseline === null ? '' : `${figure.baseline}: ${round(figure.baselineValue ?? 0)} ${figure.unit}`,
    figure.ratio === null ? '' : `${figure.ratio.toFixed(2)}x`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
