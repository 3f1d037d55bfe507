import { type Check, fail, pass } from '../check.ts';
import { holdsBootCode, installGrub } from './boot-code.ts';

const directories = ['/boot/grub', '/boot/grub2'];
/** The menu's language, and what starts a kernel. */
const wanted = ['normal', 'linux'];
const elf = '7f454c46';

/** GRUB in a boot sector is a kernel without its modules: without these it stops at its rescue prompt. */
export const grubModules: Check = {
  id: 'grub-modules',
  title: "GRUB's own modules are there",
  stopsBoot: true,
  run({ firmware, disks, root }) {
    if (firmware !== 'bios' || !disks.some(holdsBootCode)) return null;
    const home = directories.find((path) => root.isDirectory(`${path}/i386-pc`));
    if (home === undefined) {
      const isGrub = directories.some((path) => root.isDirectory(path));
      return isGrub ? fail(`${directories.join(' and ')} hold no modules for BIOS (i386-pc)`, installGrub) : null;
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
