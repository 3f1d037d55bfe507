import { readFile, readlink } from 'node:fs/promises';
import { machine as architecture, hostname, release } from 'node:os';
import { readDistribution } from '../../../common/packages/distribution.ts';
import { run } from '../../../common/run.ts';
import type { Machine } from '../../../restore/archive/set-schema.ts';
import { isUefi } from '../../../restore/bootloader/firmware.ts';
import type { SystemFacts } from '../facts.ts';
import { readFact } from './ask.ts';

const secureBootVariable = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** What runs here. @param machine as the layout has it; asked from the kernel without one */
export async function readSystem(machine: Machine | null): Promise<SystemFacts> {
  const [bootedAt, timeZone, secureBoot, virtualization] = await Promise.all([
    readBootTime(),
    readTimeZone(),
    readSecureBoot(),
    detectVirtualization(),
  ]);
  return { machine: machine ?? (await describeMachine()), bootedAt, timeZone, secureBoot, virtualization };
}

async function describeMachine(): Promise<Machine> {
  const { name } = await readDistribution();
  return {
    hostname: hostname(),
    os: name,
    kernel: release(),
    arch: architecture(),
    firmware: isUefi() ? 'uefi' : 'bios',
  };
}

/** proc(5): btime, seconds since the epoch. */
async function readBootTime(): Promise<string | null> {
  const seconds = /^btime (\d+)$/m.exec((await readFact('/proc/stat')) ?? '')?.[1];
  return seconds === undefined ? null : new Date(Number(seconds) * 1000).toISOString();
}

async function readTimeZone(): Promise<string | null> {
  const target = await readlink('/etc/localtime').catch(() => '');
  return /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(target)?.[1] ?? null;
}

/** The variable's four attribute bytes stand before its value. */
async function readSecureBoot(): Promise<boolean | null> {
  const value = await readFile(secureBootVariable).catch(() => null);
  return value === null ? null : value[4] === 1;
}

/** Exit 1 is the answer 'none'. */
async function detectVirtualization(): Promise<string | null> {
  const result = await run(['systemd-detect-virt'], { okExit: [0, 1], timeoutMs: 5000 }).catch(() => null);
  return result === null || result.stdout.trim() === '' ? null : result.stdout.trim();
}
