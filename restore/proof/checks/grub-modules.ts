import { posix } from 'node:path';
import { type Check, cannotTell, fail, pass } from '../check.ts';
import { grubFilesOnEsp } from '../read/grub/start.ts';
import { findLoader } from '../read/loader.ts';
import { holdsBootCode, installGrub } from './boot-code.ts';

const usual = ['/boot/grub', '/boot/grub2'];
/** The menu's language, and what starts a kernel. */
const wanted = ['normal', 'linux'];
const elf = '7f454c46';

/** GRUB in a boot sector is a kernel without its modules: without these it stops at its rescue prompt. */
export const grubModules: Check = {
  id: 'grub-modules',
  title: "GRUB's own modules are there",
  stopsBoot: true,
  run(subject) {
    const { firmware, disks, root } = subject;
    if (firmware !== 'bios' || !disks.some(holdsBootCode)) return null;
    const loader = findLoader(subject);
    // The folder of a GRUB that another loader took the place of proves nothing.
    if (loader.kind === 'other') return null;
    const directories = [...grubFilesOnEsp(subject).map((path) => posix.dirname(path)), ...usual];
    const home = directories.find((path) => root.isDirectory(`${path}/i386-pc`));
    if (home === undefined) {
      const isGrub = directories.some((path) => root.isDirectory(path));
      if (!isGrub) return null;
      const words = `${usual.join(' and ')} hold no modules for BIOS (i386-pc)`;
      return loader.kind === 'grub'
        ? fail(words, installGrub)
        : cannotTell(`${words}, and the boot code is not GRUB's.`);
    }
    const at = `${home}/i386-pc`;
    const needed = closure(wanted, dependenciesOf(root.text(`${at}/moddep.lst`) ?? ''));
    const bad = needed.filter((name) => root.head(`${at}/${name}.mod`, 4)?.toString('hex') !== elf);
    if (bad.length > 0)
      return fail(`${at}: ${bad.map((name) => `${name}.mod`).join(', ')} missing or damaged`, installGrub);
    return pass(`${at}: ${needed.length} modules`);
  },
};

/** Lines of moddep.lst: 'normal: boot extcmd terminal'. */
function dependenciesOf(text: string): Map<string, string[]> {
  const lines = text.split('\n').map((line) => line.split(/:\s*/));
  return new Map(lines.map(([name = '', rest = '']) => [name, rest.split(/\s+/).filter((word) => word !== '')]));
}

function closure(names: readonly string[], dependencies: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const each of dependencies.get(name) ?? []) add(each);
  };
  names.forEach(add);
  return [...found].toSorted();
}
