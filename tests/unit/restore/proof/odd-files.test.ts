import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verdictOf } from '../../../../restore/proof/check.ts';
import { proveSubject } from '../../../../restore/proof/prove.ts';
import { parseGrubScript } from '../../../../restore/proof/read/grub/script.ts';
import { readInitramfs } from '../../../../restore/proof/read/initramfs.ts';
import { Root } from '../../../../restore/proof/read/root.ts';
import { initramfsOf, readTarget } from '../../../../restore/proof/read/target.ts';
import { matchesWildcards } from '../../../../restore/proof/wildcards.ts';
import { device, rootId, systemOf } from './families.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-odd-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const system = (files: Record<string, string>) =>
  systemOf(
    work,
    files,
    [device('/dev/vda1', { uuid: rootId, content: 'ext4' })],
    [{ at: '/', device: '/dev/vda1', type: 'ext4', within: '/' }],
  );

const settings = [
  'etc/fstab',
  'etc/crypttab',
  'etc/hostname',
  'etc/machine-id',
  'etc/passwd',
  'etc/mdadm.conf',
  'boot/grub/grub.cfg',
  'boot/grub/grubenv',
  'boot/vmlinuz-1',
  'boot/initrd.img-1',
];

describe('[C11] a restored system of files that are none', { timeout: 60_000 }, () => {
  it.each(['a FIFO', '16 GB of holes'])('is judged to its end: %s', async (kind) => {
    const subject = system({ 'etc/issue': '' });
    for (const name of settings) {
      const file = join(subject.root.directory, name);
      mkdirSync(dirname(file), { recursive: true });
      if (kind === 'a FIFO') execFileSync('mkfifo', [file]);
      else {
        writeFileSync(file, '');
        truncateSync(file, 16e9);
      }
    }
    const proofs = await proveSubject(subject);
    expect(proofs.length).toBeGreaterThan(10);
    expect(proofs.filter(({ id, result }) => id === 'fstab' && result === 'pass')).toEqual([]);
  });

  it('waits for nobody who would write an initramfs', async () => {
    const subject = system({ 'boot/vmlinuz-1': 'kernel' });
    execFileSync('mkfifo', [join(subject.root.directory, 'boot/initrd')]);
    expect(await initramfsOf(subject, '/boot/initrd')).toMatchObject({ state: 'damaged' });
  });

  it('says of a text that is too large that it cannot tell', () => {
    writeFileSync(join(work, 'fstab'), '');
    truncateSync(join(work, 'fstab'), 40e9);
    expect(() => new Root(work).text('/fstab')).toThrow(/40\.0 GB, no such file has more than/);
  });

  it.each([
    ['lines of nothing', { 'boot/grub/grub.cfg': '\n'.repeat(4_000_000) }],
    ['blanks', { 'boot/grub/grub.cfg': `blscfg\nset ${' '.repeat(4_000_000)}x\n` }],
    [
      'an entry of blanks',
      { 'boot/grub/grub.cfg': 'blscfg\n', 'boot/loader/entries/a.conf': `title${' '.repeat(4_000_000)}\u2028x` },
    ],
    ['a path of slashes', { 'etc/fstab': `a /${'/'.repeat(2_000_000)}b ext4\nb /${'/'.repeat(1_900_000)} ext4\n` }],
    ['submenus in submenus', { 'boot/grub/grub.cfg': 'submenu x {\nmenuentry y {\nlinux /v\n}\n'.repeat(100_000) }],
    [
      'stars of a saved entry',
      {
        'boot/grub/grub.cfg': 'blscfg\n',
        'boot/grub/grubenv': `saved_entry=${'*a'.repeat(1000)}b\n`,
        [`boot/loader/entries/${'a'.repeat(200)}.conf`]: 'linux /vmlinuz\n',
      },
    ],
  ])('takes no longer for %s', async (_, files) => {
    expect((await proveSubject(system(files as Record<string, string>))).length).toBeGreaterThan(10);
  });

  it('names some of a million problems', () => {
    const problems = Array.from({ length: 1_000_000 }, (_, number) => `line ${number}`);
    expect(verdictOf(problems, 'Do it.', '').detail).toMatch(/^line 0; .*line 19; and 999,980 more$/);
  });

  it('refuses menus in menus without end', () => {
    expect(() => parseGrubScript('submenu x {\n'.repeat(50))).toThrow(/GRUB's menu has more/);
    expect(readTarget(system({ 'boot/grub/grub.cfg': 'menuentry a {\n linux /v\n}\n' })).menu.entries).toHaveLength(1);
  });
});

describe('[C11] an initramfs that is a bomb', { timeout: 120_000 }, () => {
  function member(name: string, size: number): string {
    const field = (value: number): string => value.toString(16).padStart(8, '0');
    const head = `070701${[1, 0o100644, 0, 0, 1, 0, size, 0, 0, 0, 0, name.length + 1, 0].map(field).join('')}${name}\0`;
    return head + '\0'.repeat((4 - (head.length % 4)) % 4);
  }

  it('of a million files is not read on', async () => {
    const file = join(work, 'initrd');
    writeFileSync(file, zstdCompressSync(Buffer.from(member('a', 0).repeat(1_000_000))));
    expect(await readInitramfs(file)).toMatchObject({ state: 'unknown', reason: 'it has more than 500,000 files' });
  });

  it('of one large settings file takes no memory for it', async () => {
    const file = join(work, 'initrd');
    const size = 1 << 30;
    const packed = zstdCompressSync(
      Buffer.concat([
        Buffer.from(member('etc/crypttab', size)),
        Buffer.alloc(size),
        Buffer.from(member('TRAILER!!!', 0)),
      ]),
    );
    writeFileSync(file, packed);
    const before = process.resourceUsage().maxRSS;
    const reading = await readInitramfs(file);
    if (reading.state !== 'whole') throw new Error(JSON.stringify(reading));
    expect(reading.initramfs.contents.size).toBe(0);
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(500);
  });

  it('of holes is not read through', async () => {
    const file = join(work, 'initrd');
    writeFileSync(file, '');
    truncateSync(file, 100e9);
    expect(await readInitramfs(file)).toMatchObject({ state: 'unknown' });
  });
});

describe('matchesWildcards', () => {
  it.each([
    ['fedora-6.1', 'fedora-*', true],
    ['fedora-6.1', '*', true],
    ['fedora-6.1', 'fedora-6?1', true],
    ['fedora-6.1', 'fedora-6?', false],
    ['fedora-6x1', 'fedora-6.1', false],
    ['abcabd', '*abd', true],
    ['abcabd', '*ab*c', false],
    ['', '', true],
    ['', '**', true],
    ['a', '', false],
  ])('%s, %s: %s', (name, pattern, fits) => {
    expect(matchesWildcards(name, pattern)).toBe(fits);
  });
});
