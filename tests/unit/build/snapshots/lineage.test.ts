import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../../build/config.ts';
import { markOf } from '../../../../build/process-mark.ts';
import { withSettings } from '../../../../build/settings.ts';
import { parseKeep } from '../../../../build/snapshots/keep.ts';
import { baseSnapshot, chooseLineage, describeLineage, keepSnapshots } from '../../../../build/snapshots/lineage.ts';
import { beginStored, finishStored, readStored, type StoredSet } from '../../../../build/snapshots/store.ts';
import { sourcesOf } from '../../../../build/sources.ts';
import type { LayoutNode } from '../../../../restore/layout/schema.ts';
import { goneMark } from '../gone-mark.ts';
import { temporaryDirectory } from '../temporary.ts';
import { layoutOf } from './layout-of.ts';

const id = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
const uuid = id(9);
const stored = (number: number, more: Partial<StoredSet> = {}): StoredSet => ({
  set: id(number),
  createdAt: `2026-11-0${number}T02:00:00.000Z`,
  level: 0,
  base: null,
  machineId: 'm',
  fileSystems: [{ mountPoint: '/tmp', fileSystem: uuid, snapshot: '001-tmp.snar' }],
  ...more,
});

async function storeOf(...sets: StoredSet[]): Promise<string> {
  const store = join(await temporaryDirectory(), 'snapshots');
  for (const set of sets) {
    const part = await beginStored(store, set.set);
    for (const { snapshot } of set.fileSystems) await writeFile(join(part, snapshot), 'x');
    await finishStored(store, part, set);
  }
  return store;
}

function sourceOf(node: LayoutNode) {
  const [source] = sourcesOf({ nodes: [node] });
  if (!source) throw new Error('nothing to save');
  return source;
}

const here = { machineId: 'm', now: new Date('2026-11-20T00:00:00Z') };

describe('what an incremental set builds on', () => {
  it('[B10] is the newest set of this machine, whatever its level', async () => {
    const store = await storeOf(stored(1), stored(3, { level: 2, base: id(2) }), stored(4, { machineId: 'other' }));
    const layout = await layoutOf('/tmp', uuid);
    const lineage = await chooseLineage({ store, level: 'incremental' }, layout, here);
    expect(describeLineage(lineage)).toEqual({
      level: 3,
      base: { set: id(3), createdAt: '2026-11-03T02:00:00.000Z', level: 2 },
      machineId: 'm',
    });
    const [node] = layout.nodes;
    if (!node) throw new Error('no node');
    expect(baseSnapshot(store, lineage, sourceOf(node))).toBe(join(store, id(3), '001-tmp.snar'));
    for (const other of [
      { ...node, mount: { at: '/other', options: '' } },
      { ...node, content: null },
      {
        ...node,
        content: {
          kind: 'vfat' as const,
          volumeId: 'A',
          label: '',
          fatBits: 32 as const,
          sectorBytes: 512,
          sectorsPerCluster: 8,
        },
      },
    ])
      expect(baseSnapshot(store, lineage, sourceOf(other))).toBe(null);
    const full = await chooseLineage({ store, level: 'full' }, layout, here);
    expect(describeLineage(full)).toEqual({ level: 0, machineId: 'm' });
    expect(baseSnapshot(store, full, sourceOf(node))).toBe(null);
  });

  it('[B10] is an older set where the newest one has no snapshot of what is mounted', async () => {
    const store = await storeOf(stored(1), stored(2, { level: 1, base: id(1) }), stored(3, { fileSystems: [] }));
    const lineage = await chooseLineage({ store, level: 'incremental' }, await layoutOf('/tmp', uuid), here);
    expect(lineage).toMatchObject({ level: 2, base: { set: id(2) } });
  });

  const refusals: Record<string, [code: string, sets: StoredSet[], words: RegExp]> = {
    'nothing is kept': ['RK350', [], /is empty/],
    'only of another machine': ['RK350', [stored(1, { machineId: 'other' })], /another machine's/],
    'only other file systems': ['RK350', [stored(1, { fileSystems: [] })], /holds no file system that is mounted now/],
    'the clock went back': ['RK358', [stored(1, { createdAt: '2026-11-21T00:00:00Z' })], /made 2026-11-21/],
  };
  it.each(Object.entries(refusals))('[B10] is refused when %s', async (_, [code, sets, words]) => {
    const lineage = chooseLineage(
      { store: await storeOf(...sets), level: 'incremental' },
      await layoutOf('/tmp', uuid),
      here,
    );
    await expect(lineage).rejects.toMatchObject({ code, reason: expect.stringMatching(words) });
  });

  it('is refused when a description is damaged (RK357)', async () => {
    const store = await storeOf(stored(1));
    for (const text of ['{', '{}', JSON.stringify(stored(2))]) {
      await writeFile(join(store, id(1), 'base.json'), text);
      await expect(readStored(store)).rejects.toMatchObject({ code: 'RK357' });
    }
  });
});

describe('the snapshots of this machine', () => {
  it('of killed runs are removed, not those of others that still run', async () => {
    const store = await storeOf(stored(1));
    const living = markOf(1);
    // Number 1 with another start; a machine that shares the store.
    const others = goneMark({ machine: '1'.repeat(12) });
    for (const mark of [goneMark({ pid: '1' }), living, others]) await mkdir(join(store, `${id(5)}.${mark}.part`));
    const left: string[] = [];
    const part = await beginStored(store, id(2), (text) => left.push(text));
    expect((await readdir(store)).map((name) => join(store, name)).toSorted()).toEqual(
      [join(store, id(1)), ...[living, others].map((mark) => join(store, `${id(5)}.${mark}.part`)), part].toSorted(),
    );
    expect(left).toEqual([expect.stringContaining(`rm -r ${join(store, `${id(5)}.${others}.part`)}`)]);
    expect(await readStored(store)).toHaveLength(1);
  });

  it('[B10] [B13] go when there are enough newer ones, but not what a kept one builds on', async () => {
    const chain = (number: number): StoredSet => stored(number, { level: number - 2, base: id(number - 1) });
    const store = await storeOf(stored(1), stored(2), chain(3), chain(4));
    const lineage = { level: 0, base: null, machineId: 'm' };
    const directory = await beginStored(store, id(5));
    const made = { set: id(5), createdAt: '2026-11-05T02:00:00.000Z', archives: [], directory };
    expect(await keepSnapshots({ store, level: 'full', keep: { full: 1, incremental: 1 } }, lineage, made)).toEqual([]);
    expect((await readStored(store)).map(({ set }) => set)).toEqual([5, 4, 3, 2].map(id));
  });

  it("that are another machine's stay, however old: a store may be shared, or copied with its machine", async () => {
    const store = await storeOf(stored(1, { machineId: 'other' }), stored(2), stored(3));
    const directory = await beginStored(store, id(5));
    const made = { set: id(5), createdAt: '2026-11-05T02:00:00.000Z', archives: [], directory };
    const lineage = { level: 0, base: null, machineId: 'm' };
    expect(await keepSnapshots({ store, level: 'full', keep: { full: 1, incremental: 0 } }, lineage, made)).toEqual([]);
    expect((await readStored(store)).map(({ set }) => set)).toEqual([id(5), id(1)]);
  });

  it('are not read from a store that others may write (RK234)', async () => {
    const store = await storeOf(stored(1));
    await chmod(store, 0o777);
    await expect(beginStored(store, id(2))).rejects.toMatchObject({
      code: 'RK234',
      reason: `${store}: owner 0, mode 777`,
    });
  });

  it('that cannot be kept are a warning: the medium is good', async () => {
    const store = await storeOf(stored(1));
    const lineage = { level: 0, base: null, machineId: 'm' };
    const made = { set: id(2), createdAt: '2026-11-02T02:00:00.000Z', archives: [], directory: join(store, 'missing') };
    const warnings = await keepSnapshots({ store, level: 'full', keep: parseKeep() }, lineage, made);
    expect(warnings).toEqual([expect.stringMatching(/^no incremental set can build on this one: ENOENT/)]);
  });
});

describe('how many are kept', () => {
  it('and the level: a flag wins over the settings', async () => {
    const configFile = join(await temporaryDirectory(), 'config.toml');
    await writeFile(configFile, 'level = "incremental"\nkeep = {full = 3}\n');
    const asked = {
      to: [],
      rescueOnly: false,
      kernelArgument: [],
      allowUnencrypted: false,
      recipient: [],
      recipientsFile: [],
      passphrase: false,
      passphraseFd: null,
      signingPasswordFd: null,
      trustedKey: [],
      verify: true,
      raw: true,
      configFile,
      json: false,
    };
    expect((await withSettings(asked)).request).toMatchObject({
      level: 'incremental',
      keep: { full: 3, incremental: 6 },
    });
    const { request } = await withSettings({ ...asked, level: 'full', keep: 'full=1' });
    expect(request).toMatchObject({ level: 'full', keep: 'full=1' });
  });

  it('comes from a flag or the settings', async () => {
    expect(parseKeep()).toEqual({ full: 2, incremental: 6 });
    expect(parseKeep('full=3, incremental=0')).toEqual({ full: 3, incremental: 0 });
    expect(parseKeep('incremental=1')).toEqual({ full: 2, incremental: 1 });
    for (const text of ['', '3', 'full=0', 'full=x', 'daily=3', 'full=1.5'])
      expect(() => parseKeep(text)).toThrowError(expect.objectContaining({ code: 'RK005' }));
    const file = join(await temporaryDirectory(), 'config.toml');
    await writeFile(file, 'level = "incremental"\nkeep = {full = 3, incremental = 9}\n');
    expect(await readConfig(file)).toEqual({ level: 'incremental', keep: { full: 3, incremental: 9 } });
    await writeFile(file, 'level = "differential"\n');
    await expect(readConfig(file)).rejects.toMatchObject({ code: 'RK221', reason: expect.stringContaining('level') });
    // Its hooks and keys would be missing without a word.
    await expect(readConfig(`${file}-mistyped`)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
