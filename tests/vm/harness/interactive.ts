import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argumentsOf, type MachineOptions } from './qemu-arguments.ts';

/** Control and ]: as telnet does. */
const plug = 0x1d;

/** A machine whose serial line is this terminal. Ends when the machine does. */
export async function interactive(options: MachineOptions): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'rekindle-vm-'));
  const child = spawn('qemu-system-x86_64', await argumentsOf(options, work, join(work, 'monitor')), {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  process.stdin.setRawMode?.(true);
  const typed = (data: Buffer): void => {
    if (data.includes(plug)) child.kill('SIGKILL');
    else child.stdin?.write(data);
  };
  process.stdin.on('data', typed);
  await ended;
  process.stdin.off('data', typed);
  process.stdin.setRawMode?.(false);
  process.stdin.pause();
  await rm(work, { recursive: true, force: true });
}
