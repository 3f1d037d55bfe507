import * as z from 'zod';
import { machineSchema } from '../../restore/archive/set-schema.ts';

/** What a source said, or why it said nothing: a report never fails because of a tool that is not there. */
export type Known<T> = { known: true; value: T } | { known: false; why: string };

function knownSchema<T>(value: z.ZodType<T>): z.ZodType<Known<T>> {
  return z.discriminatedUnion('known', [
    z.object({ known: z.literal(true), value }),
    z.object({ known: z.literal(false), why: z.string() }),
  ]) as unknown as z.ZodType<Known<T>>;
}

const text = z.string().nullable();
const bytes = z.int().nonnegative();

/** What a disk, a partition or a device built on them holds. Sizes and places in bytes. */
const blockFields = z.object({
  name: z.string(),
  path: z.string(),
  /** lsblk's word: 'disk', 'part', 'lvm', 'crypt', 'raid1' ... */
  type: z.string(),
  sizeBytes: bytes,
  /** blkid's TYPE: 'ext4', 'swap', 'LVM2_member'; null where nothing was recognised. */
  content: text,
  label: text,
  uuid: text,
  mounts: z.array(z.string()),
  swap: z.boolean(),
  usedBytes: bytes.nullable(),
  /** What is there but not in the set, in words. */
  notSaved: text,
  /** Names of the other devices that this one lies on as well. */
  alsoOn: z.array(z.string()),
});
export type BlockFacts = z.infer<typeof blockFields> & { children: BlockFacts[] };
const blockSchema: z.ZodType<BlockFacts> = blockFields.extend({
  children: z.lazy(() => z.array(blockSchema)),
}) as z.ZodType<BlockFacts>;

const partitionSchema = z.object({
  number: z.int().positive(),
  /** From the disk's first byte; null when unknown. */
  startBytes: bytes.nullable(),
  /** As the table has it: '83', a GUID; null when unknown. */
  type: text,
  /** GPT name. */
  name: text,
  bootable: z.boolean(),
  /** An MBR frame around the logical partitions. */
  extended: z.boolean(),
  block: blockSchema,
});
export type PartitionFacts = z.infer<typeof partitionSchema>;

const diskSchema = z.object({
  block: blockSchema,
  model: text,
  serial: text,
  wwn: text,
  /** 'sata', 'nvme', 'usb' ... */
  transport: text,
  rotational: z.boolean().nullable(),
  removable: z.boolean(),
  logicalSectorBytes: z.int().positive(),
  /** 'gpt', 'dos', another word of sfdisk's; null for a disk without a table. */
  table: text,
  /** Whether the set rebuilds it. */
  saved: z.boolean(),
  /** In the order of their places. */
  partitions: z.array(partitionSchema),
});
export type DiskFacts = z.infer<typeof diskSchema>;

const fileSystemSchema = z.object({
  mountPoint: z.string(),
  source: z.string(),
  type: z.string(),
  options: z.array(z.string()),
  /** Null where it was not asked: a network file system may never answer. */
  usage: z.object({ sizeBytes: bytes, usedBytes: bytes, availableBytes: bytes }).nullable(),
});
export type FileSystemFacts = z.infer<typeof fileSystemSchema>;
const swapSchema = z.object({ path: z.string(), type: z.string(), sizeBytes: bytes, usedBytes: bytes });
export type SwapFacts = z.infer<typeof swapSchema>;

const interfaceSchema = z.object({
  name: z.string(),
  /** 'up', 'down', 'unknown'. */
  state: z.string(),
  /** 'bond', 'bridge', 'vlan' ...; null for a plain one. */
  kind: text,
  /** Bond or bridge that it belongs to. */
  master: text,
  mac: text,
  mtu: z.int().nonnegative(),
  /** With prefix length: '192.0.2.7/24'. */
  addresses: z.array(z.string()),
  /** Kernel driver; null for one without hardware. */
  driver: text,
  speedMegabits: z.int().positive().nullable(),
});
export type InterfaceFacts = z.infer<typeof interfaceSchema>;
const routeSchema = z.object({
  destination: z.string(),
  gateway: text,
  device: text,
  source: text,
  metric: z.int().nullable(),
});
export type RouteFacts = z.infer<typeof routeSchema>;

const firmwareTablesSchema = z.object({
  maker: text,
  product: text,
  serial: text,
  chassis: text,
  board: text,
  firmware: text,
});
export type FirmwareTables = z.infer<typeof firmwareTablesSchema>;
const processorSchema = z.object({
  model: z.string(),
  /** 'Sockets: 2', in lscpu's order and words. */
  details: z.array(z.tuple([z.string(), z.string()])),
  threads: z.int().positive(),
});
export type ProcessorFacts = z.infer<typeof processorSchema>;
const memoryModuleSchema = z.object({ slot: z.string(), size: z.string(), kind: text, part: text, serial: text });
export type MemoryModule = z.infer<typeof memoryModuleSchema>;
const busDeviceSchema = z.object({ address: z.string(), kind: text, name: z.string(), id: text, driver: text });
export type BusDevice = z.infer<typeof busDeviceSchema>;

const packageListSchema = z.object({
  /** Tool that listed them: 'dpkg', 'rpm', 'pacman'. */
  tool: z.string(),
  packages: z.array(z.object({ name: z.string(), version: z.string(), architecture: z.string() })),
});
export type PackageList = z.infer<typeof packageListSchema>;

const systemSchema = z.object({
  machine: machineSchema,
  /** ISO 8601. */
  bootedAt: text,
  timeZone: text,
  secureBoot: z.boolean().nullable(),
  /** systemd-detect-virt's word; 'none' on bare metal; null when unknown. */
  virtualization: text,
});
export type SystemFacts = z.infer<typeof systemSchema>;

const bootLoaderSchema = z.object({
  loader: z.string(),
  /** Name of the disk whose first sector holds it (BIOS). */
  disk: text,
  efiEntries: z.array(z.object({ label: z.string(), loader: z.string() })),
});

/** All that the report says, as a plain value: rendering asks nobody. It holds no secrets. */
export const factsSchema = z.object({
  set: z.string(),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  rekindleVersion: z.string(),
  /** False on a rescue-only medium. */
  holdsBackup: z.boolean(),
  system: systemSchema,
  /** Null when no layout was captured. */
  bootLoader: bootLoaderSchema.nullable(),
  disks: knownSchema(z.array(diskSchema)),
  fileSystems: knownSchema(z.array(fileSystemSchema)),
  swaps: knownSchema(z.array(swapSchema)),
  interfaces: knownSchema(z.array(interfaceSchema)),
  routes: knownSchema(z.array(routeSchema)),
  /** Lines of resolv.conf without comments. */
  resolver: knownSchema(z.array(z.string())),
  firmwareTables: knownSchema(firmwareTablesSchema),
  processor: knownSchema(processorSchema),
  memoryBytes: knownSchema(bytes),
  memoryModules: knownSchema(z.array(memoryModuleSchema)),
  pci: knownSchema(z.array(busDeviceSchema)),
  usb: knownSchema(z.array(busDeviceSchema)),
  packages: knownSchema(packageListSchema),
});
export type Facts = z.infer<typeof factsSchema>;
