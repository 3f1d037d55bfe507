/** Colours of one kind of content: the stripe on top, the used part, the rest. Told apart in grey print by the texts. */
export interface Tone {
  name: string;
  strong: string;
  used: string;
  light: string;
}

export const tones = {
  linux: { name: 'Linux file system', strong: '#2c6cab', used: '#b9d3ec', light: '#e9f1f9' },
  fat: { name: 'FAT, EFI system', strong: '#c2851a', used: '#f0d7a3', light: '#fbf3e2' },
  swap: { name: 'swap', strong: '#7a5ca6', used: '#d8ccea', light: '#f3eff9' },
  layer: { name: 'LVM, RAID, encryption', strong: '#2a857d', used: '#b5dbd7', light: '#e6f4f2' },
  other: { name: 'other', strong: '#69737f', used: '#cfd5db', light: '#eef0f3' },
} satisfies Record<string, Tone>;

const linux = /^(ext[234]|xfs|btrfs|f2fs|jfs|reiserfs|zfs_member|bcachefs|nilfs2)$/;
const layer = /^(LVM2_member|crypto_LUKS|bcache|.*_raid_member|drbd)$/;

/** @param content blkid's TYPE */
export function toneOf(content: string | null): Tone {
  if (content === null) return tones.other;
  if (linux.test(content)) return tones.linux;
  if (content === 'vfat' || content === 'exfat') return tones.fat;
  if (content === 'swap' || content === 'swsuspend') return tones.swap;
  return layer.test(content) ? tones.layer : tones.other;
}
