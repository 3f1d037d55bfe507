import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A dump as sfdisk printed it (util-linux 2.38 where the name tells no other), and the disk it was taken from. */
export interface Fixture {
  name: string;
  text: string;
  /** In bytes. */
  size: number;
  sectorSize: number;
}

const gibibyte = 2 ** 30;
const sizes: Record<string, number> = {
  'gpt-4096': 8 * gibibyte,
  'gpt-by-id': 250059350016,
  'gpt-md': 2048 * gibibyte,
  'gpt-mmc-table-length': 31268536320,
  'gpt-names': 100 * gibibyte,
  'gpt-nvme': 512110190592,
  'gpt-tiny': 2 ** 20,
  'gpt-util-linux-2.26': 20 * gibibyte,
  'gpt-util-linux-2.29': 20 * gibibyte,
  'mbr-4096': 8 * gibibyte,
  'mbr-by-path': 8 * gibibyte,
  'mbr-cylinders': 40020664320,
  'mbr-debian': 20 * gibibyte,
  'mbr-dual-boot': 500107862016,
  'mbr-empty': gibibyte,
  'mbr-file': gibibyte,
  'mbr-util-linux-2.25': 20 * gibibyte,
};

export const fixtures: Fixture[] = Object.entries(sizes).map(([name, size]) => ({
  name,
  text: readFileSync(join(import.meta.dirname, 'fixtures', `${name}.dump`), 'utf8'),
  size,
  sectorSize: name.endsWith('-4096') ? 4096 : 512,
}));

export function fixture(name: string): Fixture {
  const found = fixtures.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no fixture ${name}`);
  return found;
}
