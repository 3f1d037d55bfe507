import type { BootFile } from './boot-files.ts';

/** One way to start the system, as the boot menu offers it. */
export interface BootMenuEntry {
  /** Configuration file that it stands in. */
  source: string;
  title: string;
  kernel: BootFile;
  initrds: BootFile[];
  /** A hypervisor, a device tree. */
  others: BootFile[];
  /** Kernel arguments. */
  options: string[];
  /** What the menu says that the kernel's version is. */
  version: string | null;
  /** Whether it is started when nobody chooses. */
  isDefault: boolean;
}

export interface BootMenu {
  /** 'GRUB', 'systemd-boot'; the words for one that is not looked into. */
  loader: string;
  /** Configuration files that were read. */
  sources: string[];
  entries: BootMenuEntry[];
  /** What the very next start takes in the place of the default entry; null: nothing was asked for. */
  once: BootMenuEntry | null;
  /** Why it is not known that the default entry is what starts; null: it is known. */
  unsure: string | null;
}
