import { type Dump, type HeaderLine, headerNames } from '../dump.ts';
import { headerOf, labelOf, toNumber } from '../read.ts';
import { type Disk, error, lineOf, type Problem, warning } from './problem.ts';

const numberHeaders = ['first-lba', 'last-lba', 'table-length', 'grain'];

/** Headers that sfdisk refuses, ignores or would have to guess. */
export function headerProblems(dump: Dump, disk: Disk): Problem[] {
  const seen = new Set<string>();
  const firstPartition = dump.lines.findIndex(({ kind }) => kind === 'partition');
  const problems = dump.lines.flatMap((line, index) => {
    if (line.kind !== 'header') return [];
    const at = { line: index + 1 };
    const found = valueProblems(line, at);
    if (!headerNames.includes(line.name)) found.push(warning(at, 'header', `sfdisk ignores the header ${line.name}`));
    if (seen.has(line.name)) found.push(error(at, 'header', `${line.name} stands there twice`));
    if (firstPartition >= 0 && index > firstPartition)
      found.push(error(at, 'header', `${line.name} stands after the first partition`));
    seen.add(line.name);
    return found;
  });
  return [...problems, ...labelProblems(dump), ...sectorSizeProblems(dump, disk)];
}

function valueProblems({ name, value, text }: HeaderLine, at: { line: number }): Problem[] {
  if (value === '') return [error(at, 'header', `${name} has no value`)];
  if (text.includes('=')) return [error(at, 'header', `sfdisk takes a line with = for a partition: ${value}`)];
  const number = toNumber(value);
  if (numberHeaders.includes(name) && number === null)
    return [error(at, 'header', `${name} is not a number: ${value}`)];
  if (name === 'grain' && (number ?? 0) % 512 !== 0)
    return [error(at, 'header', `grain is no multiple of 512 bytes: ${value}`)];
  if (name === 'unit' && value !== 'sectors') return [error(at, 'header', `sfdisk does not know the unit ${value}`)];
  return [];
}

function labelProblems(dump: Dump): Problem[] {
  const label = labelOf(dump);
  const at = lineOf(dump, 'label');
  if (label === null) return [error(at, 'label', 'no label header')];
  if (headerOf(dump, 'label') === null)
    return [warning(at, 'label', 'no label header: sfdisk keeps the kind of table that a disk has')];
  if (label === 'sun' || label === 'sgi') return [warning(at, 'label', `tables of type ${label} are not checked`)];
  if (label !== 'dos' && label !== 'gpt') return [error(at, 'label', `sfdisk does not write tables of type ${label}`)];
  if (headerOf(dump, 'label-id') !== null) return [];
  return [warning(lineOf(dump, 'label-id'), 'label-id', 'no label-id header: sfdisk makes one up')];
}

function sectorSizeProblems(dump: Dump, disk: Disk): Problem[] {
  const text = headerOf(dump, 'sector-size');
  if (text === null) return [];
  const at = lineOf(dump, 'sector-size');
  const size = /^[1-9]\d*$/.test(text) ? Number(text) : 0;
  if (size < 512 || !Number.isInteger(Math.log2(size)))
    return [error(at, 'sector-size', `sectors of ${text} bytes do not exist`)];
  if (disk.sectorSize !== undefined && disk.sectorSize !== size)
    return [error(at, 'sector-size', `the table counts sectors of ${size} bytes, the disk has ${disk.sectorSize}`)];
  return [];
}
