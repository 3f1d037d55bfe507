import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { grubModules } from '../../../../restore/proof/checks/grub-modules.ts';
import type { Subject } from '../../../../restore/proof/subject.ts';
import { systemOf } from './families.ts';

const elf = Buffer.from('7f454c460101', 'hex');
const whole = {
  'boot/grub/i386-pc/moddep.lst': 'normal: boot extcmd\nextcmd:\nboot:\nlinux: boot\next2: fshelp\n',
  'boot/grub/i386-pc/normal.mod': elf,
  'boot/grub/i386-pc/boot.mod': elf,
  'boot/grub/i386-pc/extcmd.mod': elf,
  'boot/grub/i386-pc/linux.mod': elf,
};

function machine(files: Record<string, string | Buffer>, code = 'GRUB'): Subject {
  const work = mkdtempSync(join(tmpdir(), 'grub-modules-'));
  onTestFinished(() => rmSync(work, { recursive: true }));
  const disk = join(work, 'disk');
  writeFileSync(disk, Buffer.concat([Buffer.from(code), Buffer.alloc(512)]));
  return { ...systemOf(join(work, 'system'), files, [], []), firmware: 'bios', disks: [disk] };
}

describe('[C11] the modules of GRUB', () => {
  it('are proven when those that the menu and the kernel need are there, others or not', () => {
    expect(grubModules.run(machine(whole))).toMatchObject({ result: 'pass' });
  });

  it.each(['normal', 'boot', 'extcmd', 'linux'])('fail without %s.mod, and when it is zeros', (name) => {
    const path = `boot/grub/i386-pc/${name}.mod`;
    const without = Object.fromEntries(Object.entries(whole).filter(([each]) => each !== path));
    for (const files of [without, { ...whole, [path]: Buffer.alloc(4096) }]) {
      const verdict = grubModules.run(machine(files));
      expect(verdict).toMatchObject({ result: 'fail', detail: expect.stringContaining(`${name}.mod`) });
    }
  });

  it('fail without any, and are not asked for by UEFI or without boot code', () => {
    expect(grubModules.run(machine({ 'boot/grub/grub.cfg': '' }))).toMatchObject({ result: 'fail' });
    expect(grubModules.run({ ...machine(whole), firmware: 'uefi' })).toBeNull();
    expect(grubModules.run(machine(whole, ''))).toBeNull();
  });
});
