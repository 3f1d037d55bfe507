/** A device of the disks that the system lies on. Ids in lower case. */
export interface Device {
  path: string;
  /** Other names: '/dev/vg0/root' beside '/dev/mapper/vg0-root'. */
  aliases: string[];
  /** 'disk', 'part', 'lvm', 'crypt', 'raid1' ... */
  type: string;
  sizeBytes: number;
  sectorBytes: number;
  /** What blkid calls it: 'ext4', 'crypto_LUKS', 'linux_raid_member'; null for nothing known. */
  content: string | null;
  uuid: string | null;
  label: string | null;
  partitionId: string | null;
  partitionLabel: string | null;
  /** GPT type GUID or MBR type ('0x83'). */
  partitionType: string | null;
  /** Devices that this one is built on, the nearest first; of an array all of them. */
  below: string[];
  /** Of a disk, what udev names it after. */
  serial?: string | null;
  wwn?: string | null;
}
