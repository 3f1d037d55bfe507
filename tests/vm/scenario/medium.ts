import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';

const sectorBytes = 2048;

/** Where a file lies in an ISO, in bytes. */
async function offsetOf(iso: string, name: string): Promise<{ start: number; size: number }> {
  const { stdout } = await run(['xorriso', '-indev', iso, '-find', '/', '-name', name, '-exec', 'report_lba', '--'], {
    okExit: [0, 32],
  });
  const match = /File data lba:\s*\d+\s*,\s*(\d+)\s*,\s*\d+\s*,\s*(\d+)\s*,/.exec(stdout);
  if (!match) throw new Error(`${name} is not in ${iso}: ${stdout}`);
  return { start: Number(match[1]) * sectorBytes, size: Number(match[2]) };
}

/** A copy of a medium in which one bit of one file is flipped, in its middle. */
export async function flipBit(iso: string, name: string, output: string): Promise<string> {
  await run(['cp', '--sparse=always', '--reflink=auto', iso, output]);
  const { start, size } = await offsetOf(iso, name);
  const file = await open(output, 'r+');
  try {
    const at = start + Math.floor(size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    buffer[0] = (buffer[0] ?? 0) ^ 1;
    await file.write(buffer, 0, 1, at);
  } finally {
    await file.close();
  }
  return output;
}

/** Kernel, initrd and set of a medium, to start it without its boot loader, with other arguments. */
export async function takeKernel(
  iso: string,
  directory: string,
): Promise<{ image: string; initrd: string; set: string }> {
  for (const name of ['vmlinuz', 'initrd.img'])
    await run(['xorriso', '-osirrox', 'on', '-indev', iso, '-extract', `/boot/${name}`, join(directory, name)]);
  const { stdout } = await run(['xorriso', '-indev', iso, '-ls', '/rekindle'], { okExit: [0, 32] });
  const set = /([0-9a-f-]{36})/.exec(stdout)?.[1] ?? '';
  return { image: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd.img'), set };
}
