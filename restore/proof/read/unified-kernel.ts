import { posix } from 'node:path';
import type { BootFile } from './boot-files.ts';
import type { BootMenuEntry } from './boot-menu.ts';
import { peSections, peText } from './pe.ts';
import type { Root } from './root.ts';

/** Whether a file is a kernel with its initramfs and arguments in one EFI program (systemd-stub(7)). */
export function isUnifiedKernel(root: Root, path: string | null): boolean {
  const place = path !== null && root.isFile(path) ? root.locate(path) : null;
  return place !== null && peSections(place).some(({ name }) => name === '.linux');
}

/** The entry that it is by itself. @param options arguments that a menu gives; null: its own */
export function unifiedEntry(
  root: Root,
  kernel: BootFile,
  words: { source: string; title: string | null; options: string[] | null },
): BootMenuEntry {
  const place = kernel.path === null ? null : root.locate(kernel.path);
  const text = (name: string): string | null => (place === null ? null : peText(place, name));
  const release = text('.osrel') ?? '';
  const pretty = /^PRETTY_NAME=["']?([^"'\n]*)/m.exec(release)?.[1];
  const holdsInitramfs = place !== null && peSections(place).some(({ name }) => name === '.initrd');
  return {
    source: words.source,
    title: words.title ?? pretty ?? posix.basename(kernel.written),
    kernel,
    initrds: holdsInitramfs ? [kernel] : [],
    others: [],
    options: words.options ?? (text('.cmdline') ?? '').split(/\s+/).filter((word) => word !== ''),
    version: text('.uname'),
    isDefault: false,
  };
}
