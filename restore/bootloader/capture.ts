import { access, open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import type { Boot } from '../layout/schema.ts';
import { loaderSchema, relativePathSchema } from '../layout/words-schema.ts';
import { type BootEntry, readBootEntries } from './nvram.ts';

/** What capturing a boot loader needs to know of the layout so far. */
export interface BootSubject {
  firmware: 'bios' | 'uefi';
  disks: { id: string; path: string }[];
  /** EFI system partitions by type, with their partition id. */
  systemPartitions: { node: string; mountedAt: string | null; partitionId: string }[];
}

/**
 * Finds the boot loader of the running machine.
 * @throws RekindleError RK418 when GRUB's installer is missing (BIOS), RK419 when no ESP is mounted (UEFI).
 */
export async function captureBoot(subject: BootSubject): Promise<Boot> {
  return subject.firmware === 'uefi' ? captureUefi(subject) : captureBios(subject);
}

async function captureBios({ disks }: BootSubject): Promise<Boot> {
  const none = { firmware: 'bios', disk: null, esp: null, efiEntries: [] } as const;
  const found: BootSubject['disks'] = [];
  for (const disk of disks) if (await holdsGrub(disk.path)) found.push(disk);
  const [first] = found;
  if (first === undefined) return { ...none, efiEntries: [], loader: 'none' };
  const installer = await findInstaller();
  if (installer === null) throw new RekindleError('RK418', `GRUB's boot sector is on ${first.path}`);
  const several = found.length > 1 ? { disks: found.map(({ id }) => id) } : {};
  return { ...none, efiEntries: [], loader: 'grub2', disk: first.id, ...several, installer };
}

/** GRUB's boot.img says its name in the boot sector, within the 440 bytes before the table. */
export async function holdsGrub(device: string): Promise<boolean> {
  const file = await open(device, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(440), 0, 440, 0);
    return buffer.includes('GRUB');
  } finally {
    await file.close();
  }
}

const installerPlaces = {
  'grub-install': ['/usr/sbin', '/sbin', '/usr/bin', '/usr/local/sbin'],
  'grub2-install': ['/usr/sbin', '/sbin', '/usr/bin', '/usr/local/sbin'],
} as const;
const modulePlaces = ['/usr/lib/grub/i386-pc', '/usr/share/grub2/i386-pc', '/usr/lib/grub2/i386-pc'];

/** The installer alone is not enough: without GRUB's modules for BIOS it can install nothing. */
async function findInstaller(): Promise<'grub-install' | 'grub2-install' | null> {
  if (!(await firstPresent(modulePlaces))) return null;
  for (const name of ['grub-install', 'grub2-install'] as const) {
    if (await firstPresent(installerPlaces[name].map((place) => join(place, name)))) return name;
  }
  return null;
}

async function firstPresent(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const present = await access(path).then(
      () => true,
      () => false,
    );
    if (present) return true;
  }
  return false;
}

async function captureUefi({ systemPartitions }: BootSubject): Promise<Boot> {
  const esp = systemPartitions.find(({ mountedAt }) => mountedAt !== null);
  if (esp === undefined || esp.mountedAt === null) {
    const found = systemPartitions.map(({ node }) => node).join(', ');
    throw new RekindleError('RK419', found === '' ? 'no EFI system partition was found' : `it is partition ${found}`);
  }
  const entries = await readBootEntries('/sys/firmware/efi/efivars').catch((): BootEntry[] => []);
  const grub = await firstPresent(['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg']);
  return {
    firmware: 'uefi',
    loader: grub ? 'grub2' : 'none',
    disk: null,
    esp: esp.node,
    efiEntries: entriesOf(entries, esp.partitionId),
    espFiles: await listEspFiles(esp.mountedAt),
  };
}

/** Entries that start a file of this very partition, each once, in boot order. */
function entriesOf(entries: readonly BootEntry[], partitionId: string): Boot['efiEntries'] {
  const kept: Boot['efiEntries'] = [];
  for (const { label, partition, loader } of entries) {
    if (partition !== partitionId.toLowerCase() || !loaderSchema.safeParse(loader).success || loader === null) continue;
    if (!kept.some((entry) => entry.label === label && entry.loader === loader)) kept.push({ label, loader });
  }
  return kept;
}

async function listEspFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => /^efi\//i.test(path) && relativePathSchema.safeParse(path).success)
    .sort();
}
