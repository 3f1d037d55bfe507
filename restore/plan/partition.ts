import { formatCount } from '../../common/format.ts';
import { runs } from '../layout/layer.ts';
import { partitionDevice, renderTable, type Table } from '../layout/table.ts';
import type { Action, Step, TargetDisk } from './step.ts';

/** Writes the saved table, waits for its partitions, and clears each of them. */
export function tableStep(id: string, disk: TargetDisk, table: Table, saved: { sizeBytes: number }): Step {
  const usable = table.partitions.filter(({ extended }) => !extended);
  const nodes = usable.map(({ number, sectors }): Action => {
    return { type: 'await-node', device: partitionDevice(disk.path, number), sizeBytes: sectors * table.sectorBytes };
  });
  const count = table.partitions.length;
  return {
    id: `table:${id}`,
    title: `write ${table.label === 'gpt' ? 'GPT' : 'MBR'}: ${formatCount(count)} ${count === 1 ? 'partition' : 'partitions'}`,
    target: disk.name,
    destroys: `the partition table of ${disk.name}`,
    actions: [
      {
        type: 'run',
        argv: ['sfdisk', '--wipe', 'always', '--wipe-partitions', 'always', disk.path],
        input: renderTable(table, disk.path, { wholeDisk: disk.sizeBytes !== saved.sizeBytes }),
      },
      runs(['udevadm', 'settle', '--timeout=60']),
      ...nodes,
      ...usable.map(({ number }) => runs(['wipefs', '--all', '--force', partitionDevice(disk.path, number)])),
      runs(['udevadm', 'settle', '--timeout=60']),
    ],
    weightBytes: 0,
  };
}
