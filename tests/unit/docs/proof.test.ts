import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checks } from '../../../restore/proof/checks.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/proof.md'), 'utf8');
/** 'id | title | yes ...' of each row that begins with an id in code. */
const rows = page
  .slice(page.indexOf('## The checks'), page.indexOf('## Where a name leads'))
  .split('\n')
  .flatMap((line) => {
    const [, id = '', title = '', stops = '', ...rest] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return /^`[\w-]+`$/.test(id) ? [{ id: id.slice(1, -1), title, stops, rest }] : [];
  });

describe('[C11] docs/proof.md', () => {
  it('has a row for every check, in the order in which they are asked', () => {
    expect(rows.map(({ id }) => id)).toEqual(checks.map(({ id }) => id));
  });

  it.each(checks.map((check) => [check.id, check] as const))('tells the truth of %s', (id, { title, stopsBoot }) => {
    const row = rows.find((each) => each.id === id);
    expect(row).toMatchObject({ title, stops: stopsBoot ? 'yes' : 'no' });
    // What it reads and when it fails; when it cannot tell may be never.
    expect(row?.rest.slice(0, 2).every((cell) => cell !== '')).toBe(true);
  });
});
