import { RekindleError } from '../common/errors/error.ts';
import { run } from '../common/run.ts';
import { mappingName } from '../restore/layout/lvm-names.ts';
import { probeDevice } from '../restore/layout/probe.ts';
import type { Layout, LayoutNode } from '../restore/layout/schema.ts';
import { partitionDevice } from '../restore/layout/table.ts';

/** What a node of this machine's own layout is called now. */
export function deviceNow({ disks, arrays }: Pick<Layout, 'disks' | 'arrays'>, { origin }: LayoutNode): string {
  const disk = (id: string): string => `/dev/${disks.find((each) => each.id === id)?.name ?? id}`;
  switch (origin.type) {
    case 'partition':
      return partitionDevice(disk(origin.disk), origin.number);
    case 'disk':
      return disk(origin.disk);
    case 'crypt':
      return `/dev/mapper/${origin.name}`;
    case 'volume':
      return `/dev/mapper/${mappingName(origin.group, origin.name)}`;
    case 'array':
      return arrays.find(({ id }) => id === origin.array)?.device ?? origin.array;
  }
}

/** The layout was taken a while ago. @throws RekindleError RK371 when something else is there by now */
export async function assertStillThere(device: string, { sizeBytes }: LayoutNode, type: string): Promise<void> {
  const { stdout } = await run(['blockdev', '--getsize64', device], { okExit: [0, 1] });
  const found = (await probeDevice(device)).TYPE;
  if (Number(stdout) !== sizeBytes || found !== type)
    throw new RekindleError(
      'RK371',
      `${device} holds ${found ?? 'nothing known'} in ${stdout.trim()} bytes, it held ${type}`,
    );
}
