import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mount, mountFlags } from '@rekindle/linux-syscalls';
import { attempt } from './log.ts';

const { MS_NOSUID, MS_NODEV, MS_NOEXEC } = mountFlags;

const links: readonly [name: string, target: string][] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
];

/** What /dev and the kernel still lack for ordinary programs: terminals, shared memory, links, a name. Never throws. */
export function prepareDevices(): void {
  attempt('/dev/pts', () => {
    mkdirSync('/dev/pts', { recursive: true });
    mount('devpts', '/dev/pts', 'devpts', MS_NOSUID | MS_NOEXEC, 'gid=5,mode=620,ptmxmode=666');
  });
  attempt('/dev/shm', () => {
    mkdirSync('/dev/shm', { recursive: true });
    mount('tmpfs', '/dev/shm', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=1777');
  });
  for (const [name, target] of links)
    attempt(`/dev/${name}`, () => {
      if (!existsSync(`/dev/${name}`)) symlinkSync(target, `/dev/${name}`);
    });
  attempt('host name', () => writeFileSync('/proc/sys/kernel/hostname', 'rekindle'));
}

const efiVariables = '/sys/firmware/efi/efivars';

/** Mounts the firmware's variables on a UEFI machine; the kernel asks modprobe for efivarfs, so rd-base must be there. */
export function mountFirmwareVariables(): void {
  if (!existsSync(efiVariables)) return;
  attempt(efiVariables, () => mount('efivarfs', efiVariables, 'efivarfs', MS_NOSUID | MS_NODEV | MS_NOEXEC));
}
