import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crypttab } from '../../../../restore/proof/checks/crypttab.ts';
import { fstab } from '../../../../restore/proof/checks/fstab.ts';
import { swap } from '../../../../restore/proof/checks/swap.ts';
import { systemOf } from './families.ts';
import { encrypted, encryptedMounts, luksId, nobody } from './machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-crypttab-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const files = { 'etc/keys/a.key': 'k', 'boot/b.key': 'k', 'lib/cryptsetup/scripts/decrypt_derived': '' };
const luks = `UUID=${luksId}`;

function system(text: string, more: Record<string, string> = {}) {
  return systemOf(work, { 'etc/crypttab': text, ...files, ...more }, encrypted, encryptedMounts);
}

const lines: [string, 'pass' | 'cannot-tell' | 'fail', RegExp, string][] = [
  ['Debian', 'pass', /looked up/, `vda2_crypt ${luks} none luks,discard,initramfs`],
  ['Fedora', 'pass', /looked up/, `luks-${luksId} ${luks} none discard`],
  ['SUSE', 'pass', /looked up/, `cr_root ${luks} none x-initrd.attach`],
  ['a dash for no key', 'pass', /looked up/, `root ${luks} -`],
  ['two fields', 'pass', /looked up/, `root UUID="${luksId.toUpperCase()}"`],
  ['by the label of the LUKS', 'pass', /looked up/, 'root LABEL=krypta none luks'],
  ['by a link', 'pass', /looked up/, `root /dev/disk/by-uuid/${luksId} none luks`],
  ['a key file', 'pass', /looked up/, `root ${luks} /etc/keys/a.key luks`],
  ['a key file of another partition that is mounted', 'pass', /looked up/, `root ${luks} /b.key:LABEL=boot luks`],
  ['a key from a service', 'pass', /looked up/, `root ${luks} /run/keys/root.sock luks`],
  ['a script of Debian', 'pass', /looked up/, `root ${luks} other luks,keyscript=decrypt_derived`],
  [
    'a chip that must be told again',
    'pass',
    /tpm2-device=auto: until it is enrolled again/,
    `root ${luks} - tpm2-device=auto`,
  ],
  [
    'swap with a new key',
    'pass',
    /looked up/,
    'cswap PARTUUID=abcd1234-05 /dev/urandom swap,cipher=aes-xts-plain64,size=512',
  ],
  ['swap in an old swap area', 'pass', /looked up/, 'cswap /dev/vda3 /dev/urandom swap'],
  ["Arch's label before the swap", 'pass', /looked up/, 'cswap LABEL=boot /dev/urandom swap,offset=2048'],
  ['/tmp with a new key', 'pass', /looked up/, 'ctmp PARTUUID=abcd1234-05 /dev/urandom tmp=xfs'],
  ['plain', 'pass', /looked up/, 'old PARTUUID=abcd1234-05 none plain,cipher=aes-cbc-essiv:sha256'],
  ['BitLocker', 'pass', /looked up/, 'win PARTUUID=abcd1234-06 none bitlk,noauto'],
  [
    'VeraCrypt',
    'pass',
    /looked up/,
    'vera PARTUUID=abcd1234-05 /etc/keys/a.key tcrypt-veracrypt,tcrypt-keyfile=/etc/keys/a.key',
  ],
  ['a header elsewhere', 'pass', /looked up/, 'head PARTUUID=abcd1234-05 none luks,header=/etc/keys/a.key'],
  ['a stick that may be missing', 'pass', /is on none/, `stick UUID=${nobody} none luks,nofail`],
  ['a network disk', 'pass', /is on none/, `net UUID=${nobody} none _netdev`],

  [
    'a key on a stick',
    'cannot-tell',
    /its key file \/k lies on LABEL=STICK/,
    `root ${luks} /k:LABEL=STICK luks,keyfile-timeout=10s`,
  ],
  [
    'a key on a partition that is not mounted',
    'cannot-tell',
    /which is not mounted here/,
    `root ${luks} /k:UUID=3A5B1C2D4E5F6071 luks`,
  ],
  [
    'a stick as the key',
    'cannot-tell',
    /its key file is \/dev\/disk\/by-id\/usb/,
    `root ${luks} /dev/disk/by-id/usb-Stick_12-0:0 luks,keyfile-size=4096`,
  ],
  [
    'a header on a stick',
    'cannot-tell',
    /its header \/h lies on/,
    'head PARTUUID=abcd1234-05 none header=/h:PARTUUID=0011',
  ],
  ['a chip, and nobody is asked', 'cannot-tell', /headless/, `root ${luks} - tpm2-device=auto,headless=1`],
  [
    'a disk by its serial',
    'cannot-tell',
    /names a disk by its hardware/,
    'root /dev/disk/by-id/ata-OLD_Z3T0-part2 none luks',
  ],
  ["a kernel's name of another disk", 'cannot-tell', /can change between boots/, 'root /dev/sda2 none luks'],

  ['an id that no disk has', 'fail', /is on none/, `root UUID=${nobody} none luks`],
  [
    'a key file that is gone',
    'fail',
    /its key file \/etc\/keys\/z\.key does not exist/,
    `root ${luks} /etc/keys/z.key luks`,
  ],
  [
    'a key file that is gone from its partition',
    'fail',
    /\/z\.key does not exist on LABEL=boot/,
    `root ${luks} /z.key:LABEL=boot luks`,
  ],
  [
    'a script that is gone',
    'fail',
    /its key script \/x\/keys does not exist/,
    `root ${luks} none luks,keyscript=/x/keys`,
  ],
  ['no LUKS where it must be', 'fail', /holds ntfs, not LUKS/, 'root UUID=3a5b1c2d4e5f6071 none luks'],
  ['no BitLocker where it must be', 'fail', /holds ntfs, not BitLocker/, 'root UUID=3a5b1c2d4e5f6071 none bitlk'],
  [
    'swap over a restored file system',
    'fail',
    /would be overwritten at each start/,
    'cswap LABEL=boot /dev/urandom swap',
  ],
  ['/tmp over LUKS', 'fail', /would be overwritten/, `ctmp ${luks} /dev/urandom tmp`],
];

describe('[C11] lines of crypttab', () => {
  it.each(lines)('%s: %s', async (_, wanted, words, line) => {
    const verdict = await crypttab.run(system(`# a comment\n${line}\n`));
    expect(verdict?.result, verdict?.detail).toBe(wanted);
    expect(verdict?.detail).toMatch(words);
  });

  it('what they make at each start is what fstab mounts', async () => {
    const table = 'ctmp PARTUUID=abcd1234-05 /dev/urandom tmp=xfs\ncswap /dev/vda3 /dev/urandom swap\n';
    const right = '/dev/mapper/ctmp /tmp xfs defaults 0 0\n/dev/mapper/cswap none swap sw 0 0\n';
    const subject = system(table, { 'etc/fstab': right });
    expect(await fstab.run(subject)).toMatchObject({ result: 'pass' });
    expect(await swap.run(subject)).toMatchObject({ result: 'pass' });
    const wrong = '/dev/mapper/cswap /tmp xfs defaults 0 0\n/dev/mapper/ctmp none swap sw 0 0\n';
    const other = system(table, { 'etc/fstab': wrong });
    expect(await fstab.run(other)).toMatchObject({ result: 'fail', detail: expect.stringContaining('holds swap') });
    expect(await swap.run(other)).toMatchObject({ result: 'fail', detail: expect.stringContaining('holds xfs') });
  });
});
