import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { accessAtHand } from '../../../../../restore/archive/open-archive.ts';
import { type TakeOptions, takeFiles } from '../../../../../restore/archive/take-files.ts';
import { makeSmallSet } from '../../../../fixtures/small-set.ts';

export function write(path: string | Buffer, text: string): void {
  mkdirSync(dirname(path.toString()), { recursive: true });
  writeFileSync(path, text);
}

export const textOf = (path: string): string => readFileSync(path, 'utf8');

/** `work/source` as '/', and what else is named, into `work/out`. */
export async function takeAll(
  work: string,
  more: Partial<TakeOptions> = {},
  others: Record<string, string> = {},
): Promise<number> {
  const trees = Object.entries({ '/': 'source', ...others }).map(([mountPoint, name]) => ({
    source: join(work, name),
    mountPoint,
    node: name,
  }));
  const set = await makeSmallSet({ work: join(work, 'set'), trees });
  return takeFiles({ access: accessAtHand(await set.open()), paths: ['/'], target: join(work, 'out'), ...more });
}

export function leftovers(directory: string): string {
  return execFileSync('find', [directory, '-name', '.rekindle-*'], { encoding: 'utf8' });
}

/** Modes, owners, times, targets, attributes; of all but the named ones. */
export function treeOf(root: string): string {
  const script = `find . -mindepth 1 -printf '%y %m %U:%G %n %T@ %l %P\\0' | sort -z; find . -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex --`;
  return execFileSync('sh', ['-c', script], { cwd: root, encoding: 'latin1' });
}
