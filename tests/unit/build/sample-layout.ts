import { statfs } from 'node:fs/promises';
import type { Layout } from '../../../restore/layout/schema.ts';

/** A layout with one disk whose only partition is mounted there: enough for `create`. */
export async function sampleLayout(mountPoint: string): Promise<Layout> {
  const { blocks, bfree, bsize } = await statfs(mountPoint);
  return {
    format: 1,
    machine: { hostname: 'sample', os: 'Debian', kernel: '6.1.0', arch: 'x86_64', firmware: 'bios' },
    disks: [
      {
        id: 'disk0',
        name: 'sda',
        model: 'SAMPLE',
        serial: 'S1',
        wwn: null,
        sizeBytes: 1 << 30,
        logicalSectorBytes: 512,
        transport: null,
        table: 'label: dos\nunit: sectors\n\n/dev/sda1 : start=2048, size=2000000, type=83\n',
      },
    ],
    nodes: [
      {
        id: 'disk0:1',
        origin: { type: 'partition', disk: 'disk0', number: 1 },
        sizeBytes: 2000000 * 512,
        content: null,
        mount: { at: mountPoint, options: 'rw' },
        usedBytes: (blocks - bfree) * bsize,
      },
    ],
    arrays: [],
    groups: [],
    boot: { firmware: 'bios', loader: 'none', disk: null, esp: null, efiEntries: [] },
  };
}
