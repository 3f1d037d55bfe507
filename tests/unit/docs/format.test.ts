import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readIndex } from '../../../restore/archive/index/index-reader.ts';
import { accessAtHand, indexBytes } from '../../../restore/archive/open-archive.ts';
import { manifestSchema, setFileNames, setSchema } from '../../../restore/archive/set-schema.ts';
import { layoutSchema } from '../../../restore/layout/schema.ts';
import { makeSmallSet, type SmallSet } from '../../fixtures/small-set.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/format.md'), 'utf8');
let work = '';
let set: SmallSet;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'format-'));
  const source = join(work, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'big'), randomBytes(9_000_000));
  set = await makeSmallSet({ work, trees: [{ source, mountPoint: '/', node: 'disk0:1' }], capacity: 5 << 20 });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Names of all fields of a JSON schema. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties' ? [...Object.keys(value), ...Object.values(value).flatMap(fieldsOf)] : fieldsOf(value),
  );
}

describe('docs/format.md', () => {
  it.each([
    ['set.json', setSchema],
    ['manifest.json', manifestSchema],
    ['layout.json', layoutSchema],
  ] as const)('names every field of %s in its section', (name, schema) => {
    const section = text.split(/^## /m).find((each) => each.startsWith(name)) ?? '';
    const common = /A \*\*file\*\* in JSON is .*/.exec(text)?.[0] ?? '';
    const machine = /\| `machine` \|.*/.exec(text)?.[0] ?? '';
    const fields = new Set(fieldsOf(z.toJSONSchema(schema)));
    expect(fields.size).toBeGreaterThan(8);
    for (const field of fields) expect(`${common}${machine}${section}`).toContain(`\`${field}\``);
  });

  it('names every file of a set', () => {
    for (const name of Object.values(setFileNames)) expect(text).toContain(`| \`${name}\` |`);
  });

  it('says how JSON is laid out, and it is', () => {
    const last = set.directory(set.volumes);
    for (const name of [setFileNames.set, setFileNames.manifest, setFileNames.layout]) {
      const json = readFileSync(join(last, name), 'utf8');
      expect(json).toBe(`${JSON.stringify(JSON.parse(json), null, 2)}\n`);
    }
  });

  it('[B3] says where an archive is cut, and how its seek table is read', async () => {
    const [archive] = set.archives;
    if (!archive) throw new Error('no archive was written');
    const parts = archive.parts.map(({ volume, path }) => readFileSync(join(set.directory(volume), path)));
    expect(parts.length).toBe(2);
    for (const part of parts) expect([0xfd2fb528, 0x184d2a5e]).toContain(part.readUInt32LE(0));
    const bytes = Buffer.concat(parts);
    const frames = bytes.readUInt32LE(bytes.length - 9);
    const table = bytes.subarray(bytes.length - 17 - 8 * frames);
    expect(frames).toBe(archive.frames);
    expect([table.readUInt32LE(0), table.readUInt32LE(4)]).toEqual([0x184d2a5e, 8 * frames + 9]);
    expect([bytes.at(-5), bytes.readUInt32LE(bytes.length - 4)]).toEqual([0, 0x8f92eab1]);
    const sizes: number[][] = [];
    for await (const record of readIndex(indexBytes(accessAtHand(await set.open()), archive)))
      if (record.kind === 'frame') sizes.push([record.archiveSize, record.tarSize]);
    const found = sizes.map((_, index) => [table.readUInt32LE(8 + 8 * index), table.readUInt32LE(12 + 8 * index)]);
    expect(found).toEqual(sizes);
    expect(sizes.slice(0, -1).every(([, content]) => content === 4 << 20)).toBe(true);
  });
});
