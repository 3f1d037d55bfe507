import type { Layout } from './schema.ts';

/**
 * What the saved machine called a device: 'sda5', 'nvme0n1p2', 'vg0/home', 'cryptroot'. For people, who know no ids of the layout.
 * @param id of a node or of a disk; itself where the layout knows no better name
 */
export function savedName({ disks = [], nodes }: Pick<Layout, 'nodes'> & Partial<Layout>, id: string): string {
  const nameOf = (disk: string): string => disks.find((each) => each.id === disk)?.name ?? disk;
  const origin = nodes.find((node) => node.id === id)?.origin;
  switch (origin?.type) {
    case undefined:
      return nameOf(id);
    case 'disk':
      return nameOf(origin.disk);
    case 'partition': {
      const disk = disks.find((each) => each.id === origin.disk)?.name;
      // As the kernel has it: a name that ends with a digit needs a letter before the next one.
      return disk === undefined ? id : `${disk}${/\d$/.test(disk) ? 'p' : ''}${origin.number}`;
    }
    case 'crypt':
      return origin.name;
    case 'array':
    case 'volume':
      return id.replace(/^[a-z]+:/, '');
  }
}
