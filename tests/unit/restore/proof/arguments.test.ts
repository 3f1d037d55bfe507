import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { essential } from '../../../../restore/proof/checks/essential.ts';
import { mdadm } from '../../../../restore/proof/checks/mdadm.ts';
import { rootArgument } from '../../../../restore/proof/checks/root-argument.ts';
import { swap } from '../../../../restore/proof/checks/swap.ts';
import type { Device } from '../../../../restore/proof/device.ts';
import type { MountedAt } from '../../../../restore/proof/mounted-at.ts';
import { rootId, systemOf } from './families.ts';
import { arrayMounts, arrays, encrypted, encryptedMounts, grub, luksId, nobody, swapId } from './machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-arguments-'));
});
afterEach(() => rmSync(work, { recursive: true }));

type Machine = readonly [Device[], MountedAt[]];
const crypt: Machine = [encrypted, encryptedMounts];
const hetzner: Machine = [arrays(['rescue:0', 'rescue:1', 'rescue:2']), arrayMounts];
const gone = '/dev/disk/by-id/ata-OLD_Z3T0-part2';

const roots: [string, 'pass' | 'cannot-tell' | 'fail', Machine, string, Record<string, string>?][] = [
  ['Debian', 'pass', crypt, 'root=/dev/mapper/c', { 'etc/crypttab': `c UUID=${luksId} none luks\n` }],
  ["Arch's encrypt", 'pass', crypt, `cryptdevice=UUID=${luksId}:cryptroot:allow-discards root=/dev/mapper/cryptroot`],
  ["Arch's sd-encrypt", 'pass', crypt, `rd.luks.name=${luksId}=cryptroot root=/dev/mapper/cryptroot`],
  ['its own table', 'pass', crypt, 'root=/dev/mapper/c', { 'etc/crypttab.initramfs': `c UUID=${luksId} none\n` }],
  ['dracut', 'pass', crypt, `rd.luks.uuid=luks-${luksId} root=/dev/mapper/luks-${luksId}`],
  ['Alpine', 'pass', crypt, `cryptroot=UUID=${luksId} cryptdm=root root=/dev/mapper/root`],
  ['Gentoo', 'pass', crypt, `root=/dev/ram0 crypt_root=UUID=${luksId} real_root=/dev/mapper/root`],
  ['old Debian', 'pass', crypt, `root=/dev/mapper/c cryptopts=target=c,source=/dev/disk/by-uuid/${luksId}`],
  ['OpenRC', 'pass', crypt, 'root=/dev/mapper/c', { 'etc/conf.d/dmcrypt': `target=c\nsource='UUID=${luksId}'\n` }],
  ['by UUID', 'pass', crypt, `root=UUID=${rootId} ro`],
  ['an array by its name', 'pass', hetzner, 'root=/dev/md/2'],
  ['an array by its number', 'pass', hetzner, 'root=/dev/md2'],
  ['the wrong array', 'fail', hetzner, 'root=/dev/md/1'],
  ['no such name', 'fail', crypt, 'root=/dev/mapper/d', { 'etc/crypttab': `c UUID=${luksId} none luks\n` }],
  ['an encrypted device that is gone', 'fail', crypt, `cryptdevice=UUID=${nobody}:c root=/dev/mapper/c`],
  ['an encrypted device that is gone, by name', 'fail', crypt, `rd.luks.name=${nobody}=c root=UUID=${rootId}`],
  ['a volume that is gone', 'fail', crypt, `rd.lvm.lv=vg0/root root=UUID=${rootId}`],
  ['a disk by its serial', 'cannot-tell', crypt, `root=${gone}`],
  ['an encrypted device by a serial', 'cannot-tell', crypt, `cryptdevice=${gone}:c root=UUID=${rootId}`],
  ['a name that only the initramfs knows', 'cannot-tell', crypt, 'root=/dev/mapper/c'],
  ['a number', 'cannot-tell', crypt, 'root=/dev/sda2'],
  ['by type', 'cannot-tell', crypt, 'root=gpt-auto'],
];

describe('[C11] root= of many families', () => {
  it.each(roots)('%s: %s', async (_, wanted, machine, options, files = {}) => {
    const verdict = await rootArgument.run(systemOf(work, { ...grub(options), ...files }, ...machine));
    expect(verdict?.result, verdict?.detail).toBe(wanted);
    expect(verdict?.hint === null).toBe(wanted === 'pass');
  });
});

describe('[C11] resume=', () => {
  it.each([
    [`resume=UUID=${swapId}`, 'pass'],
    [`resume="UUID=${swapId}"`, 'pass'],
    [`resume=UUID=${nobody}`, 'fail'],
    [`resume=${gone}`, 'cannot-tell'],
  ])('%s: %s', async (option, wanted) => {
    const verdict = await swap.run(systemOf(work, grub(`root=UUID=${rootId} ${option}`), ...crypt));
    expect(verdict?.result, verdict?.detail).toBe(wanted);
  });
});

describe('[C11] mdadm.conf', () => {
  const uuid = (number: number) => `0000000${number}:00004000:80000000:0000000a`;
  const all = [1, 2, 3].map((number) => `ARRAY /dev/md/${number - 1} metadata=1.2 UUID=${uuid(number)}\n`).join('');
  const away = `ARRAY /dev/md/backup metadata=1.2\n  spares=1 UUID=${uuid(9)} # on the shelf\n`;
  it.each([
    ['all of them', all, 'pass', /3 arrays/],
    ['an array of other disks', all + away, 'cannot-tell', /\/dev\/md\/backup: no restored disk holds a part/],
    ['one that is left alone', `${all}ARRAY <ignore> UUID=${uuid(9)}\n`, 'pass', /looked up/],
    ['only one, and the others come by themselves', all.split('\n')[0] ?? '', 'pass', /not named: .*vda2, \/dev\/vda3/],
    ['only one, and no other may come', `AUTO -all\n${all.split('\n')[0]}\n`, 'fail', /AUTO -all/],
  ])('%s', async (_, text, wanted, words) => {
    const verdict = await mdadm.run(systemOf(work, { 'etc/mdadm/mdadm.conf': text }, ...hetzner));
    expect(verdict?.result, verdict?.detail).toBe(wanted);
    expect(verdict?.detail).toMatch(words);
  });

  it('gives arrays of metadata 0.90 their names', async () => {
    const files = { ...grub('root=/dev/md/2'), 'etc/mdadm.conf': all };
    const subject = systemOf(work, files, arrays([null, null, null]), arrayMounts);
    expect(await rootArgument.run(subject)).toMatchObject({ result: 'pass' });
  });
});

describe('[C11] the essential files of a machine of another kind', () => {
  it.each(['nix/store', 'gnu/store', 'ostree/repo'])('%s: nobody can tell', async (folder) => {
    const subject = systemOf(work, { [`${folder}/.keep`]: '', 'etc/passwd': 'root:x:0:0::/:/bin/sh\n' }, ...crypt);
    expect(await essential.run(subject)).toMatchObject({ result: 'cannot-tell' });
  });
});
