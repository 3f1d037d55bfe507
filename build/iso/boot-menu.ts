import { visible } from '../../common/visible.ts';

/** What the boot menus are made of. */
export interface BootMenu {
  /** UUID of the set that the medium holds. */
  set: string;
  /** The user's own kernel arguments. */
  extra: readonly string[];
  /** Host name of the saved machine. */
  machine: string;
}

/** What the medium's boot menu offers; one list makes the isolinux and the GRUB menu. */
export interface BootEntry {
  title: string;
  /** Kernel arguments in addition to the common ones; null: start the machine from its own disk. */
  arguments: string | null;
}

export const bootEntries: readonly BootEntry[] = [
  { title: 'Rekindle: menu (384 MiB of RAM)', arguments: '' },
  { title: 'Rekindle: restore this machine without questions (512 MiB)', arguments: 'rekindle.auto=restore' },
  { title: 'Rekindle: rescue shell', arguments: 'rekindle.shell' },
  { title: 'Rekindle: menu, with everything shown while booting', arguments: 'rekindle.debug' },
  { title: 'Start this machine from its own disk', arguments: null },
];

export const memoryNote = 'Needs 384 MiB of RAM for the menu, 512 MiB to restore.';
const timeoutSeconds = 3;

/** The kernel command line that every entry shares. The initramfs lies in ramfs: it may fill more than half of the memory. */
export function commonArguments({ set, extra }: BootMenu): string {
  return [
    'console=tty0',
    'console=ttyS0,115200',
    'rootfstype=ramfs',
    'quiet',
    'loglevel=3',
    `rekindle.set=${set}`,
    ...extra,
  ].join(' ');
}

/** isolinux.cfg: a plain text menu, on VGA and on the first serial line. */
export function renderIsolinux(menu: BootMenu): string {
  const lines = [
    'SERIAL 0 115200',
    'UI menu.c32',
    'PROMPT 0',
    `TIMEOUT ${timeoutSeconds * 10}`,
    'ONTIMEOUT entry0',
    `MENU TITLE Rekindle - ${visible(menu.machine)}`,
    `MENU TABMSG Tab edits. ${memoryNote}`,
  ];
  for (const [index, entry] of bootEntries.entries()) {
    lines.push('', `LABEL entry${index}`, `  MENU LABEL ^${index + 1} ${entry.title}`);
    if (entry.arguments === null) lines.push('  COM32 chain.c32', '  APPEND hd0');
    else
      lines.push(
        '  LINUX /boot/vmlinuz',
        '  INITRD /boot/initrd.img',
        `  APPEND ${commonArguments(menu)} ${entry.arguments}`.trimEnd(),
      );
  }
  return `${lines.join('\n')}\n`;
}

/** One word for GRUB's script, whatever it holds: nothing is expanded in single quotes. */
function grubWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A ';' would begin another command. */
function grubArguments(text: string): string {
  const list = text.split(' ').filter((each) => each !== '');
  return list.map((each) => (/^[\w.,:=+@%/-]+$/.test(each) ? each : grubWord(each))).join(' ');
}

/** grub.cfg for UEFI. */
export function renderGrub(menu: BootMenu): string {
  const lines = [
    'serial --unit=0 --speed=115200',
    'terminal_input console serial',
    'terminal_output console serial',
    `set timeout=${timeoutSeconds}`,
    'set default=0',
    `echo ${grubWord(`Rekindle - ${visible(menu.machine)}. ${memoryNote}`)}`,
  ];
  for (const [index, entry] of bootEntries.entries()) {
    lines.push(`menuentry ${grubWord(`${index + 1} ${entry.title}`)} {`);
    if (entry.arguments === null) lines.push('  exit');
    else
      lines.push(
        `  linux /boot/vmlinuz ${grubArguments(`${commonArguments(menu)} ${entry.arguments}`)}`,
        '  initrd /boot/initrd.img',
      );
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}
