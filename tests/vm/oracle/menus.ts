import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { edit, type Sabotage, type Victim } from './sabotage.ts';

const menu = 'boot/grub/grub.cfg';

/** The commands of the entry that Debian's menu begins with. */
function firstEntry({ root }: Victim): string {
  const body = /^menuentry '[^']*'[^{]*\{\n([\s\S]*?)\n\}/m.exec(readFileSync(join(root, menu), 'utf8'))?.[1];
  if (body === undefined) throw new Error(`${menu} has no entry`);
  return body;
}

const withoutKernel = (body: string): string => body.replaceAll('vmlinuz-', 'vmlinuz-gone-');

/** Puts entries before all others. */
function before(victim: Victim, text: string): void {
  edit(victim, menu, (old) => old.replace(/^menuentry /m, () => `${text}\nmenuentry `));
}

/** Makes the menu ask the environment, and writes it. */
async function remember(victim: Victim, name: string, value: string): Promise<void> {
  edit(victim, menu, (old) => old.replaceAll('set default="0"', 'set default="$' + '{saved_entry}"'));
  const file = join(victim.root, 'boot/grub/grubenv');
  await run(['chroot', victim.root, 'grub-editenv', '/boot/grub/grubenv', 'set', `${name}=${value}`]);
  if (!readFileSync(file, 'utf8').includes(`${name}=`)) throw new Error(`${file} does not hold ${name}`);
}

/** Menus that start, though they are not written as grub-mkconfig writes them, and menus whose wrong entry is good. */
export const menuSabotages: readonly Sabotage[] = [
  {
    name: 'an entry on one line, with quotes and a variable for the kernel',
    apply: async (victim) => {
      const line = firstEntry(victim)
        .replaceAll('vmlinuz-', '"$' + '{kind}"-')
        .split('\n')
        .map((each) => each.trim())
        .filter((each) => each !== '')
        // Behind 'then' and 'else' no end of a command may come.
        .reduce((all, each) => `${all}${/(then|else)$/.test(all) || all === '' ? ' ' : '; '}${each}`, '');
      before(victim, `menuentry 'One'{ kind="vmlinuz"; ${line}; }`);
    },
  },
  {
    name: 'the menu in another file, which the first one opens',
    apply: async ({ root }) => {
      renameSync(join(root, menu), join(root, 'boot/grub/real.cfg'));
      writeFileSync(join(root, menu), 'configfile $prefix/real.cfg\n');
    },
  },
  {
    name: 'an entry in a submenu, remembered by titles',
    apply: async (victim) => {
      before(
        victim,
        `submenu 'More' {\nmenuentry 'Bad' {\n${withoutKernel(firstEntry(victim))}\n}\nmenuentry 'Good' {\n${firstEntry(victim)}\n}\n}`,
      );
      await remember(victim, 'saved_entry', 'More>Good');
    },
  },
  {
    name: 'entries of systemd-boot without a kernel, left in /boot',
    apply: async ({ root }) => {
      mkdirSync(join(root, 'boot/loader/entries'), { recursive: true });
      writeFileSync(join(root, 'boot/loader/entries/old.conf'), 'title Old\nlinux /vmlinuz-old\n');
    },
  },
  {
    name: 'a first entry without its kernel before good ones',
    apply: async (victim) => before(victim, `menuentry 'Mine' {\n${withoutKernel(firstEntry(victim))}\n}`),
  },
  {
    name: 'a remembered entry without its kernel behind good ones',
    apply: async (victim) => {
      const bad = `menuentry 'Mine' --id mine {\n${withoutKernel(firstEntry(victim))}\n}`;
      edit(victim, menu, (old) => `${old}\n${bad}\n`);
      await remember(victim, 'saved_entry', 'mine');
    },
  },
  {
    name: 'an entry without its kernel for the next start alone',
    apply: async (victim) => {
      edit(victim, menu, (old) => `${old}\nmenuentry 'Mine' --id mine {\n${withoutKernel(firstEntry(victim))}\n}\n`);
      await remember(victim, 'next_entry', 'mine');
    },
  },
  {
    name: 'a variable that a submenu does not see',
    apply: async (victim) => {
      const body = firstEntry(victim).replaceAll('vmlinuz-', '$' + '{kind}-');
      before(victim, `kind=vmlinuz\nsubmenu 'More' {\nmenuentry 'Mine' {\n${body}\n}\n}`);
    },
  },
  {
    name: 'a first entry that starts no Linux',
    apply: async (victim) => before(victim, "menuentry 'Other' {\n chainloader (hd9)+1\n}"),
    reviewed: 'what another loader starts was not looked into: boot-menu says that it cannot tell',
  },
];
