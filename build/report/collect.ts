import { version } from '../../common/version.ts';
import type { Layout } from '../../restore/layout/schema.ts';
import { ask } from './collect/ask.ts';
import { readPciDevices, readUsbDevices } from './collect/bus-devices.ts';
import { readDisks } from './collect/disks.ts';
import { readFileSystems, readSwaps } from './collect/file-systems.ts';
import { readFirmwareTables } from './collect/firmware-tables.ts';
import { readMemory, readMemoryModules } from './collect/memory.ts';
import { readInterfaces, readResolver, readRoutes } from './collect/network.ts';
import { readPackages } from './collect/packages.ts';
import { readProcessor } from './collect/processor.ts';
import { readSystem } from './collect/system.ts';
import type { Facts } from './facts.ts';

/** What the report belongs to. */
export interface Subject {
  /** Null on a rescue-only medium. */
  layout: Layout | null;
  /** UUID of the set. */
  set: string;
  /** ISO 8601, UTC; as in set.json. */
  createdAt: string;
}

/**
 * Asks the running machine for all that the report says. Changes nothing and does not fail: a source that is missing
 * is named in the facts. No file's content is read but /etc/resolv.conf's.
 */
export async function collectFacts({ layout, set, createdAt }: Subject): Promise<Facts> {
  const about = { set, createdAt, rekindleVersion: version, holdsBackup: layout !== null };
  const [system, disks, fileSystems, swaps] = await Promise.all([
    readSystem(layout?.machine ?? null),
    ask(() => readDisks(layout)),
    ask(readFileSystems),
    ask(() => readSwaps()),
  ]);
  const [interfaces, routes, resolver] = await Promise.all([
    ask(readInterfaces),
    ask(readRoutes),
    ask(() => readResolver()),
  ]);
  const [firmwareTables, processor, memoryBytes, memoryModules] = await Promise.all([
    ask(() => readFirmwareTables()),
    ask(readProcessor),
    ask(readMemory),
    ask(readMemoryModules),
  ]);
  const [pci, usb, packages] = await Promise.all([ask(readPciDevices), ask(() => readUsbDevices()), ask(readPackages)]);
  const storage = { bootLoader: layout && describeBootLoader(layout), disks, fileSystems, swaps };
  const network = { interfaces, routes, resolver };
  const hardware = { firmwareTables, processor, memoryBytes, memoryModules, pci, usb };
  return { ...about, system, ...storage, ...network, ...hardware, packages };
}

function describeBootLoader({ boot, disks }: Layout): Facts['bootLoader'] {
  return {
    loader: boot.loader,
    disk: disks.find(({ id }) => id === boot.disk)?.name ?? null,
    efiEntries: boot.efiEntries.map(({ label, loader }) => ({ label, loader })),
  };
}
