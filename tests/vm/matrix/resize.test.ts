import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDump, partitionsOf } from '@rekindle/sfdisk-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk } from '../harness/machine.ts';
import { collectDisk } from '../manifest/collect.ts';
import { compareFiles } from '../manifest/compare.ts';
import { bootMedium, patience, planOnto, rebootThrough, serialConsole } from '../scenario/keys.ts';
import { expectBoots } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

const mebibyte = 2 ** 20;

/** What blkid says of each partition, but for where it lies. */
function withoutPlaces(contents: Readonly<Record<string, string>>): Record<string, string> {
  const own = (text: string): string => text.replaceAll(/^PART_ENTRY_(OFFSET|SIZE)=.*\n/gm, '');
  return Object.fromEntries(Object.entries(contents).map(([number, text]) => [number, own(text)]));
}

/** One set onto a disk of another size: the files are the same, the sizes are those of the plan. */
describe('a machine on a disk of another size [C5]', () => {
  let saved: Saved;
  let work = '';

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  async function restoreOnto(name: string, sizeMiB: number, fill: boolean): Promise<string> {
    const target = await blankDisk(join(work, `${name}.img`), `${sizeMiB}M`);
    const disks = [{ file: target, serial: 'TARGET01' }];
    const machine = await bootMedium({ name, cdrom: saved.medium, disks, memory: 512 });
    try {
      const screen = serialConsole(machine);
      await planOnto(screen, 'vda');
      if (fill) {
        await screen.expect(/Tab use the whole disk/, 30);
        await screen.type('\t');
        await screen.expect(/Tab keep the old sizes/, 60);
      }
      await screen.expect(/~ \/: 3\.15 GB -> \d/, 30);
      await screen.type('vda');
      await screen.expect(/start: vda/, 30);
      await screen.type('\n');
      const shown = await screen.expect(/Restored\.|The restore stopped/, patience.restore);
      expect(shown).toContain('Restored.');
      await rebootThrough(screen, machine);
    } finally {
      await machine.close();
    }
    return target;
  }

  /** All but sizes and places is as it was; gives sizes in MiB by partition. */
  async function expectSameFiles(target: string): Promise<Map<number, number>> {
    const [before, after] = [await collectDisk(saved.disk), await collectDisk(target)];
    const { identical, unexpected } = compareFiles(before.files, after.files);
    expect(unexpected).toEqual([]);
    expect(identical).toBeGreaterThan(5000);
    expect(withoutPlaces(after.contents)).toEqual(withoutPlaces(before.contents));
    const [old, now] = [before, after].map(({ table }) => partitionsOf(parseDump(table)));
    expect(now?.map(({ number, type }) => [number, type])).toEqual(old?.map(({ number, type }) => [number, type]));
    expect(now?.every(({ start }) => ((start ?? 0) * 512) % mebibyte === 0)).toBe(true);
    return new Map(now?.map(({ number, size }) => [number, ((size ?? 0) * 512) / mebibyte]));
  }

  it('[C5] fills one three times as large, and boots', async () => {
    const target = await restoreOnto('resize-large', 3 * shapes.mbr.sizeMiB, true);
    const sizes = await expectSameFiles(target);
    expect([sizes.get(1), sizes.get(2)]).toEqual([300, 256]);
    expect((sizes.get(5) ?? 0) + (sizes.get(6) ?? 0)).toBeGreaterThan(3 * shapes.mbr.sizeMiB - 300 - 256 - 10);
    expect((sizes.get(5) ?? 0) / (sizes.get(6) ?? 1)).toBeCloseTo(3000 / 490, 0);
    await expectBoots({ name: 'boot-large', disks: [{ file: target, serial: 'TARGET01' }] });
  });

  it('[C5] shrinks onto one 40% smaller, and boots', async () => {
    const target = await restoreOnto('resize-small', Math.floor(0.6 * shapes.mbr.sizeMiB), false);
    const sizes = await expectSameFiles(target);
    expect([sizes.get(1), sizes.get(2)]).toEqual([300, 256]);
    expect(sizes.get(5)).toBeLessThan(3000);
    await expectBoots({ name: 'boot-small', disks: [{ file: target, serial: 'TARGET01' }] });
  });
});
