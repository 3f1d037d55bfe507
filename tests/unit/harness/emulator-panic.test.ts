import { describe, expect, it } from 'vitest';
import { isEmulatorPanic } from '../../vm/harness/emulator-panic.ts';

/** As a serial line prints it. */
function oops(what: string, at: string): string {
  return [
    `[    2.114375] ${what} [#1] PREEMPT SMP NOPTI`,
    '[    2.115001] CPU: 1 UID: 0 PID: 1 Comm: systemd Not tainted 6.12.48+deb13-amd64 #1  Debian 6.12.48-1',
    '[    2.115873] Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2-debian-1.16.2-1 04/01/2014',
    `[    2.116442] RIP: 0010:${at}/0x3a0`,
    '[    2.120101] Kernel panic - not syncing: Fatal exception in interrupt',
  ].join('\r\n');
}

describe('the panic that is the fault of the emulator', () => {
  it.each([
    ['as newer kernels say it', oops('Oops: int3: 0000', 'kfree+0x4a')],
    ['as older kernels say it', oops('int3: 0000', 'kfree+0x5b')],
    ['after a boot and before more', `booting\r\n${oops('Oops: int3: 0000', 'kfree+0x4a')}\r\nmore`],
  ])('is known %s', (_, printed) => {
    expect(isEmulatorPanic(printed)).toBe(true);
  });

  it.each([
    ['a breakpoint elsewhere', oops('Oops: int3: 0000', 'ext4_mount+0x4a')],
    ['a breakpoint in a function whose name only begins so', oops('Oops: int3: 0000', 'kfree_skb+0x4a')],
    [
      'another fault in kfree',
      oops('Oops: general protection fault, probably for non-canonical address: 0000', 'kfree+0x4a'),
    ],
    ['a panic for want of a root', 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)'],
    [
      'kfree in the trace of another function',
      oops('Oops: int3: 0000', 'jump_label_update+0x1').replace('panic', 'kfree+0x4a/0x3a0'),
    ],
    [
      'an earlier breakpoint, far from the fault in kfree',
      `int3: 0000 [#1]${'.'.repeat(2000)}RIP: 0010:kfree+0x4a/0x3a0`,
    ],
  ])('is not %s', (_, printed) => {
    expect(isEmulatorPanic(printed)).toBe(false);
  });
});
