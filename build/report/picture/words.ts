import { describeContent } from '../../../restore/layout/unsupported.ts';
import type { BlockFacts, PartitionFacts } from '../facts.ts';

/** Partition types in people's words: MBR numbers and GPT GUIDs (UEFI specification, systemd's discoverable ones). */
const partitionTypes: Record<string, string> = {
  '5': 'extended partition',
  '7': 'NTFS or exFAT',
  B: 'FAT32',
  C: 'FAT32',
  F: 'extended partition',
  '27': 'Windows recovery',
  '82': 'Linux swap',
  '83': 'Linux',
  '85': 'extended partition',
  '8E': 'Linux LVM',
  EE: 'GPT protection',
  EF: 'EFI system partition',
  FD: 'Linux RAID',
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B': 'EFI system partition',
  '21686148-6449-6E6F-744E-656564454649': 'BIOS boot partition',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4': 'Linux file system',
  '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F': 'Linux swap',
  'E6D6D379-F507-44C2-A23C-238F2A3DF928': 'Linux LVM',
  'A19D880F-05FC-4D3B-A006-743F0F84911E': 'Linux RAID',
  'CA7D7CCB-63ED-4C53-861C-1742536059CC': 'Linux LUKS',
  '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709': 'Linux root (x86-64)',
  '933AC7E1-2EB4-4F13-B844-0E14E2AEF915': 'Linux home',
  'BC13C2FF-59E6-4262-A352-B275FD6F7172': 'Linux extended boot',
  'E3C9E316-0B5C-4DB8-817D-F92DF00215AE': 'Microsoft reserved',
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7': 'Microsoft basic data',
  'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC': 'Windows recovery',
};

export function partitionTypeWords({ type }: PartitionFacts): string | null {
  return type === null ? null : (partitionTypes[type.toUpperCase().replace(/^0(?=.$)/, '')] ?? `type ${type}`);
}

/** 'ext4', 'LVM physical volume'; null where nothing was recognised. */
export function contentWords({ content }: BlockFacts): string | null {
  if (content === null) return null;
  return describeContent(content === 'AMBIVALENT' ? { AMBIVALENT: '1' } : { TYPE: content });
}

/** lsblk's type of a device built on others: 'RAID 1', 'LVM volume'. */
export function layerWords({ type }: BlockFacts): string {
  const raid = /^raid(\d+)$/.exec(type)?.[1];
  if (raid !== undefined) return `RAID ${raid}`;
  const words: Record<string, string> = { lvm: 'LVM volume', crypt: 'encrypted volume', mpath: 'multipath device' };
  return words[type] ?? type;
}

/** '/srv', 'swap', a label: what people call it; null when it has no such name. */
export function usualName(block: BlockFacts): string | null {
  return block.mounts[0] ?? (block.content === 'swap' ? 'swap' : block.label || null);
}

/** '41%', '<1%' */
export function percent(part: number, whole: number): string {
  const share = whole > 0 ? (part / whole) * 100 : 0;
  return share > 0 && share < 1 ? '<1%' : `${Math.round(share)}%`;
}
