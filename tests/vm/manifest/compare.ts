import { type AllowedDifference, allowedDifferences } from './allowed-differences.ts';
import type { DiskManifest, Entry, Manifest } from './entry.ts';

export interface Difference {
  path: string;
  field: keyof Entry | 'missing' | 'extra';
  source: string;
  target: string;
}

export interface Comparison {
  identical: number;
  allowed: Difference[];
  unexpected: Difference[];
  /** sfdisk -d and blkid by partition: '' when the same. */
  layout: string;
}

function differencesOf(path: string, source: Entry | undefined, target: Entry | undefined): Difference[] {
  if (!source) return [{ path, field: 'extra', source: '', target: target?.type ?? '' }];
  if (!target) return [{ path, field: 'missing', source: source.type, target: '' }];
  const fields = Object.keys(source) as (keyof Entry)[];
  return fields
    .filter((field) => source[field] !== target[field])
    .map((field) => ({ path, field, source: source[field], target: target[field] }));
}

function isAllowed({ path, field }: Difference, list: readonly AllowedDifference[]): boolean {
  const below = path.replace(/^p\d+/, '');
  return list.some((allowed) => allowed.path.test(below === '' ? '/' : below) && allowed.fields.includes(field));
}

/** Compares every field of every file of both sides. */
export function compareFiles(
  source: Manifest,
  target: Manifest,
  list = allowedDifferences,
): Omit<Comparison, 'layout'> {
  const result = { identical: 0, allowed: [] as Difference[], unexpected: [] as Difference[] };
  for (const path of new Set([...Object.keys(source), ...Object.keys(target)])) {
    const differences = differencesOf(path, source[path], target[path]);
    if (differences.length === 0) result.identical += 1;
    for (const difference of differences)
      (isAllowed(difference, list) ? result.allowed : result.unexpected).push(difference);
  }
  return result;
}

export function compareDisks(source: DiskManifest, target: DiskManifest): Comparison {
  const lines: string[] = [];
  if (source.table !== target.table) lines.push(`table:\n${source.table}\n---\n${target.table}`);
  for (const number of new Set([...Object.keys(source.contents), ...Object.keys(target.contents)]))
    if (source.contents[number] !== target.contents[number])
      lines.push(`partition ${number}:\n${source.contents[number]}\n---\n${target.contents[number]}`);
  return { ...compareFiles(source.files, target.files), layout: lines.join('\n') };
}

/** The list and the counts, for the log of a test. */
export function renderComparison(comparison: Comparison): string {
  const line = ({ path, field, source, target }: Difference): string =>
    `  ${JSON.stringify(path)} ${field}: ${source.slice(0, 70)} -> ${target.slice(0, 70)}`;
  return [
    `${comparison.identical} files identical, ${comparison.allowed.length} allowed differences, ${comparison.unexpected.length} unexpected`,
    ...allowedDifferences.map(({ path, reason }) => `  allowed ${path}: ${reason}`),
    ...comparison.unexpected.slice(0, 40).map(line),
    comparison.layout,
  ].join('\n');
}
