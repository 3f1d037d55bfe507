import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootMenu } from '../../../../restore/proof/checks/boot-menu.ts';
import { kernel } from '../../../../restore/proof/checks/kernel.ts';
import { readTarget } from '../../../../restore/proof/read/target.ts';
import { bootId, rootId } from './families.ts';
import { btrfs, disks, type Files, kernelFiles, search, variable } from './menu-machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-grub-choice-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const saved = variable('saved_entry');
const entry = (title: string, kernelPath: string, more = '') =>
  `menuentry '${title}' $menuentry_id_option 'id-${title}' ${more}{\n ${search(rootId)}\n linux ${kernelPath} root=UUID=${rootId}\n}\n`;
const kernels: Files = { 'boot/vmlinuz-1': 'k', 'boot/vmlinuz-2': 'k', 'boot/vmlinuz-3': 'k' };
const [one, two, three] = ['1', '2', '3'].map((name) => entry(`K${name}`, `/boot/vmlinuz-${name}`));

function machine(menu: string, files: Files = kernels, environment = '') {
  return disks.plain(work, { 'boot/grub/grub.cfg': menu, 'boot/grub/grubenv': environment, ...files });
}

describe('[C11] GRUB script is followed as GRUB follows it', () => {
  const twoWays = (condition: string) => `if ${condition}; then\n${one}else\n${two}fi\n`;
  it.each([
    ['one line', `menuentry "One" { ${search(rootId)}; linux /boot/vmlinuz-1 root=x; initrd /boot/vmlinuz-2 }`, '1'],
    ['no blank before the brace', `menuentry 'One'{\nlinux /boot/vmlinuz-1\n}`, '1'],
    ['a line that goes on', `menuentry One \\\n --class x {\n linux /boot/vml\\\ninuz-1 \\\n ro\n}`, '1'],
    ['a word in several quotes', `menuentry 'it'"'"'s' {\n linux "/boot"/'vmlinuz'-1\n}`, '1'],
    ['a closing brace in quotes', `menuentry 'a } b' {\n echo "}"\n linux /boot/vmlinuz-1\n}`, '1'],
    ['a comment with a brace', `menuentry One {\n # }\n linux /boot/vmlinuz-1 # ro\n}`, '1'],
    ['a variable for the kernel', `set kernel=vmlinuz-2\nmenuentry A {\n linux /boot/${variable('kernel')}\n}`, '2'],
    ['a variable set in the entry', `menuentry A {\n v=3\n linux ($root)/boot/vmlinuz-$v\n}`, '3'],
    ['$prefix', 'menuentry A {\n linux $prefix/../vmlinuz-2\n}', '2'],
    ['words of an entry', 'menuentry A vmlinuz-3 {\n linux /boot/$1\n}', '3'],
    ['a function', 'function go {\n linux /boot/vmlinuz-$1\n}\nmenuentry A {\n go 2\n}', '2'],
    ['a loop', `for n in 1 2; do\n menuentry "K $n" { linux /boot/vmlinuz-2 }\ndone\nset default="K 2"`, '2'],
    ['the platform', twoWays('[ "$grub_platform" = "efi" ]'), '1'],
    ['a file that is there', twoWays('[ -f /boot/vmlinuz-3 -a ! -e $prefix/none ]'), '1'],
    ['a file that is not there', twoWays('[ -s $prefix/none -o -z "full" ]'), '2'],
    ['not', twoWays('! true'), '2'],
    ['a search that finds', twoWays(search(rootId)), '1'],
    ['a menu of another file', `source $prefix/more.cfg`, '3'],
    ['a menu in the place of this one', `configfile $prefix/more.cfg\n${one}`, '3'],
    ['an entry that opens another menu', `menuentry More {\n configfile $prefix/more.cfg\n}\n${one}`, '3'],
    ['a submenu that is the default one', `submenu More {\n${three}${one}}\n${two}`, '3'],
    ['a partition by its number', `menuentry A {\n set root=(hd0,gpt3)\n linux (hd0,gpt3)/boot/vmlinuz-2\n}`, '2'],
    [
      'a kernel found by its file',
      'menuentry A {\n search --file --set=d /boot/vmlinuz-3\n linux ($d)/boot/vmlinuz-3\n}',
      '3',
    ],
    ['an exported variable', `set k=2\nexport k\nsubmenu M {\n menuentry A { linux /boot/vmlinuz-$k }\n}`, '2'],
  ])('%s', async (_, menu, started) => {
    const subject = machine(menu, { ...kernels, 'boot/grub/more.cfg': three ?? '' });
    expect(readTarget(subject)).toMatchObject({ kernel: `/boot/vmlinuz-${started}`, unsure: null });
    expect(await bootMenu.run(subject)).toMatchObject({ result: 'pass' });
  });

  it('what was not exported is empty in a submenu', async () => {
    const subject = machine('set k=2\nsubmenu M {\n menuentry A { linux /boot/vmlinuz-$k }\n}');
    expect(await bootMenu.run(subject)).toMatchObject({ result: 'fail' });
  });
});

describe('[C11] which entry GRUB starts', () => {
  const menu = (wanted: string) => `load_env\nset default="${wanted}"\n${one}submenu 'More' {\n${two}${three}}\n`;
  it.each([
    ['an index', saved, 'saved_entry=0', '1'],
    ['an id', saved, 'saved_entry=id-K1', '1'],
    ['a title in a submenu', saved, 'saved_entry=More>K3', '3'],
    ['ids and indexes mixed', saved, 'saved_entry=1>id-K3', '3'],
    ['a submenu alone', saved, 'saved_entry=1', '2'],
    ['one that is gone', saved, 'saved_entry=id-9', '1'],
    ['one that is gone from its submenu', saved, 'saved_entry=More>9', '2'],
    ['a number in the menu itself', '1>1', '', '3'],
    ['nothing', '', '', '1'],
  ])('%s', (_, wanted, environment, started) => {
    const subject = machine(menu(wanted), kernels, environment);
    expect(readTarget(subject)).toMatchObject({ kernel: `/boot/vmlinuz-${started}`, unsure: null });
  });

  it("an environment that nobody loads counts for nothing: grub.cfg's own default does", () => {
    const text = `if [ -s $prefix/none ]; then\n load_env\nfi\nset default="${saved}"\n${one}${two}`;
    expect(readTarget(machine(text, kernels, 'saved_entry=1\n')).kernel).toBe('/boot/vmlinuz-1');
  });

  const next = `load_env\nif [ "${variable('next_entry')}" ]; then\n set default="${variable('next_entry')}"\nelse\n set default="${saved}"\nfi\n${one}${two}`;
  it.each([
    [['1', '2'], 'pass'],
    [['1'], 'fail'],
    [['2'], 'fail'],
  ])('an entry for the next start alone and the lasting one must both be good: kernels %j', async (there, result) => {
    const files = Object.fromEntries(there.map((name) => [`boot/vmlinuz-${name}`, 'k']));
    const subject = machine(next, files, 'saved_entry=0\nnext_entry=1\n');
    expect(readTarget(subject).kernel).toBe('/boot/vmlinuz-1');
    expect(await bootMenu.run(subject)).toMatchObject({ result });
  });

  it('the default index counts entries of the Boot Loader Specification and others in the order of the menu', () => {
    const bls = (version: string) => `title L ${version}\nversion ${version}\nlinux /boot/vmlinuz-${version}\n`;
    const files = { 'boot/loader/entries/m-1.conf': bls('1'), 'boot/loader/entries/m-2.conf': bls('2'), ...kernels };
    for (const [wanted, started] of [
      ['0', '3'],
      ['1', '2'],
      ['2', '1'],
      ['m-1', '1'],
      ['L 2', '2'],
    ]) {
      const text = `set default="${saved}"\n${three}blscfg\n`;
      expect(readTarget(machine(text, files, `saved_entry=${wanted}\n`)).kernel).toBe(`/boot/vmlinuz-${started}`);
      rmSync(work, { recursive: true });
    }
    machine('');
  });
});

describe('[C11] where GRUB alone knows, the proof cannot tell', () => {
  it.each([
    [
      'Windows is started',
      `menuentry Windows {\n chainloader /EFI/Microsoft/Boot/bootmgfw.efi\n}\n${one}`,
      /"Windows" is started/,
    ],
    ['an index behind an entry that may be there', `if cpuid -l; then\n${two}fi\n${one}`, /known at the start only/],
    [
      'a condition in the entry',
      `menuentry A {\n if cpuid -x; then linux /boot/vmlinuz-1; else linux /boot/vmlinuz-2; fi\n}`,
      /depends on a condition/,
    ],
    ['a default that the machine decides', `smbios -t 1 -s 5 --set=default\n${one}${two}`, /known at the start only/],
    ['a kernel on a device that is not here', `menuentry A {\n set root=hd7,msdos1\n linux /vmlinuz\n}`, /hd7,msdos1/],
    [
      'a kernel whose name the machine decides',
      `menuentry A {\n probe --set=x --fs-uuid $root\n linux /boot/vmlinuz-$x\n}`,
      /known at the start only/,
    ],
  ])('%s', async (_, menu, words) => {
    const subject = machine(menu);
    const verdict = await bootMenu.run(subject);
    expect(verdict).toMatchObject({ result: 'cannot-tell', detail: expect.stringMatching(words) });
    expect(verdict?.hint).toMatch(/Look at the menu/);
  });

  it('and the kernel of the likeliest entry is no proof', async () => {
    const verdict = await kernel.run(machine(`if cpuid -l; then\n${two}fi\n${one}`));
    expect(verdict).toMatchObject({ result: 'cannot-tell', detail: expect.stringMatching(/of the likeliest/) });
  });

  it('fails all the same where no entry would start', async () => {
    const verdict = await bootMenu.run(machine(`if cpuid -l; then\n${two}fi\n${one}`, {}));
    expect(verdict).toMatchObject({ result: 'fail' });
  });

  it('a file system that is restored and not mounted', async () => {
    const subject = disks.separateBoot(work, {
      'boot/grub/grub.cfg': `menuentry A {\n ${search(bootId)}\n linux /vmlinuz\n}`,
    });
    const mounts = subject.mounts.filter(({ at }) => at !== '/boot');
    expect(await bootMenu.run({ ...subject, mounts })).toMatchObject({
      result: 'cannot-tell',
      detail: expect.stringMatching(/\/dev\/vda2, which is not mounted/),
    });
  });
});

describe('[C11] links are those of the file system, not of the machine', () => {
  it('a link from / into a /boot of its own leads nowhere for GRUB', async () => {
    const menu = `menuentry A {\n ${search(rootId)}\n linux /vmlinuz\n}`;
    const files = { 'boot/grub/grub.cfg': menu, vmlinuz: '-> boot/vmlinuz-1', 'boot/vmlinuz-1': 'k' };
    expect(await bootMenu.run(disks.plain(work, files))).toMatchObject({ result: 'pass' });
    rmSync(work, { recursive: true });
    expect((await bootMenu.run(disks.separateBoot(work, files)))?.result).not.toBe('pass');
  });
});

describe('[C11] which part of a btrfs a path begins at', () => {
  const relative = 'set btrfs_relative_path="y"\n';
  const menu = (path: string, head = '') => `${head}menuentry A {\n ${search(rootId)}\n linux ${path}/vmlinuz-1\n}`;
  const snapper = { '/': '/@/.snapshots/1/snapshot', '/opt': '/@/opt', '/root': '/@/root' };
  it.each([
    ['from the top, / is a subvolume', { '/': '/@' }, '/', menu('/@/boot'), 'pass'],
    ['from the top, a subvolume for /boot', { '/': '/@', '/boot': '/@boot' }, '/', menu('/@boot'), 'pass'],
    ['from the top, / is the top', { '/': '/', '/home': '/@home' }, '/', menu('/boot'), 'pass'],
    ['from the default subvolume', snapper, '/@/.snapshots/1/snapshot', menu('/boot', relative), 'pass'],
    ['from the default one, which nobody can say', snapper, undefined, menu('/boot', relative), 'pass'],
    [
      'from the top of a rolled-back system',
      snapper,
      '/@/.snapshots/1/snapshot',
      menu('/@/.snapshots/1/snapshot/boot'),
      'pass',
    ],
    [
      'from a subvolume that the menu names',
      { '/': '/root' },
      '/',
      menu('/boot', `${relative}set btrfs_subvol=/root\n`),
      'pass',
    ],
    [
      'the default one is another snapshot',
      snapper,
      '/@/.snapshots/2/snapshot',
      menu('/boot', relative),
      'cannot-tell',
    ],
    ['from the top, where nothing is mounted', { '/': '/@' }, '/', menu('/boot'), 'cannot-tell'],
    ['the same letters are no folder', { '/': '/@' }, '/', menu('/@boot'), 'cannot-tell'],
    ['a kernel that is gone', { '/': '/@' }, '/', menu('/@/boot').replace('vmlinuz-1', 'vmlinuz-9'), 'fail'],
    [
      'hidden by the subvolume that is mounted over it',
      { '/': '/@', '/boot': '/@boot' },
      '/',
      menu('/@/boot'),
      'cannot-tell',
    ],
  ] as const)('%s', async (_, parts, defaultSubvolume, text, result) => {
    const subject = btrfs(parts, defaultSubvolume)(work, { 'boot/grub/grub.cfg': text, ...kernelFiles('1') });
    expect(await bootMenu.run(subject)).toMatchObject({ result });
  });
});
