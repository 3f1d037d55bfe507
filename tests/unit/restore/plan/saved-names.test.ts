import { describe, expect, it } from 'vitest';
import { savedNames } from '../../../../restore/plan/saved-names.ts';
import { richLayout } from '../../../fixtures/rich-layout.ts';

describe('[C11] what a restore tells its proof', () => {
  const layout = richLayout();
  const devices = new Map([
    ['md:home', '/dev/md200'],
    ['crypt:vault', '/dev/mapper/rekindle-7'],
    ['disk0:1', '/dev/vda1'],
  ]);

  it('names of the saved machine for what it opens under its own', () => {
    expect(savedNames(layout, devices, []).names).toEqual([
      { name: '/dev/md/web01:home', device: '/dev/md200' },
      { name: '/dev/md/home', device: '/dev/md200' },
      { name: '/dev/mapper/vault', device: '/dev/mapper/rekindle-7' },
    ]);
  });

  it('which disk came back on which', () => {
    const [saved] = layout.disks;
    if (saved === undefined) throw new Error('no disk');
    const disk = {
      ...{ path: '/dev/vdb', name: 'vdb', model: '', serial: 'NEW', wwn: null, sizeBytes: 1, transport: null },
      ...{ logicalSectorBytes: 512, removable: false, contents: [], refusal: null, partitions: [] },
    };
    expect(savedNames(layout, devices, [{ saved, disk, table: null }]).disks).toEqual([
      { device: '/dev/vdb', serial: saved.serial, wwn: saved.wwn },
    ]);
  });
});
