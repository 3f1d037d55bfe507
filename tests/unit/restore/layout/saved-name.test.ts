import { expect, it } from 'vitest';
import { savedName } from '../../../../restore/layout/saved-name.ts';
import type { LayoutDisk, LayoutNode } from '../../../../restore/layout/schema.ts';

const disk = (id: string, name: string): LayoutDisk => ({
  ...{
    id,
    name,
    model: '',
    serial: null,
    wwn: null,
    sizeBytes: 1,
    logicalSectorBytes: 512,
    transport: null,
    table: null,
  },
});
const node = (id: string, origin: LayoutNode['origin']): LayoutNode => ({
  ...{ id, origin, sizeBytes: 1, content: null, mount: null, usedBytes: null },
});

const layout = {
  disks: [disk('disk0', 'sda'), disk('disk1', 'nvme0n1')],
  nodes: [
    node('disk0:5', { type: 'partition', disk: 'disk0', number: 5 }),
    node('disk1:2', { type: 'partition', disk: 'disk1', number: 2 }),
    node('disk1', { type: 'disk', disk: 'disk1' }),
    node('crypt:cryptroot', { type: 'crypt', on: 'disk0:5', name: 'cryptroot' }),
    node('lv:vg0/home', { type: 'volume', group: 'vg0', name: 'home' }),
    node('md:web01:0', { type: 'array', array: 'md:web01:0' }),
    node('disk7:1', { type: 'partition', disk: 'disk7', number: 1 }),
  ],
};

it.each([
  ['disk0:5', 'sda5'],
  ['disk1:2', 'nvme0n1p2'],
  ['disk1', 'nvme0n1'],
  ['disk0', 'sda'],
  ['crypt:cryptroot', 'cryptroot'],
  ['lv:vg0/home', 'vg0/home'],
  ['md:web01:0', 'web01:0'],
  ['disk7:1', 'disk7:1'],
  ['nothing', 'nothing'],
])('the saved machine called %s %s', (id, name) => {
  expect(savedName(layout, id)).toBe(name);
});
