import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Machine } from '../harness/machine.ts';

/**
 * A disk of three sectors. The first prints the second on the serial line, then copies the third over the second: what the
 * machine says when it is started again.
 */
const program = Buffer.from(
  [
    'fc 31c0 8ed8 8ec0', // cld; ds = es = 0
    'bb007e b90200 b600 b80102 cd13', // read sector 2 to 7e00
    '52 be007e', // push dx; si = 7e00
    'ac 84c0 7406 baf803 ee ebf5', // out 3f8 until a zero
    '5a bb007e b90300 b80102 cd13', // pop dx; read sector 3 to 7e00
    'b90200 b80103 cd13', // write it to sector 2
    'f4 ebfd', // halt
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

/** The BIOS boots no disk that is smaller than one of its cylinders. */
const diskBytes = 1 << 20;

function sector(content: Buffer, ending = Buffer.alloc(0)): Buffer {
  const padding = Buffer.alloc(512 - content.length - ending.length);
  return Buffer.concat([content, padding, ending]);
}

const panic = 'Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\nRIP: 0010:kfree+0x4a/0x3a0\r\nKernel panic - not syncing\r\n';
const other = panic.replace('kfree', 'memcpy');

let work = '';
let machine: Machine | undefined;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'rekindle-panic-'));
});
afterEach(async () => {
  await machine?.close();
  machine = undefined;
  await rm(work, { recursive: true });
});

async function starts(first: string, second: string): Promise<Machine> {
  const file = join(work, 'disk.img');
  const texts = [first, second].map((text) => sector(Buffer.from(text)));
  await writeFile(file, Buffer.concat([sector(program, Buffer.from('55aa', 'hex')), ...texts]));
  await truncate(file, diskBytes);
  machine = await Machine.start({ name: 'emulator-panic', memory: 64, disks: [{ file, serial: 'PANIC' }] });
  return machine;
}

describe('a kernel that panics by the fault of the emulator', () => {
  it('is started again, and the log says so', async () => {
    const started = await starts(`one\r\n${panic}`, 'two: login: ');
    await started.expect(/login: /, 60);
    expect(started.printed()).not.toContain('int3');
    await started.close();
    const log = await readFile(started.logFile, 'utf8');
    expect(log).toMatch(/one[\s\S]*kfree\+0x4a[\s\S]*\[harness\] emulator-panic: [^\n]*started again[\s\S]*two: login/);
  });

  it('is started again once, no more', async () => {
    const started = await starts(panic, `second\r\n${panic}`);
    await expect(started.expect(/login: /, 60)).rejects.toThrow(/fault of QEMU.*; twice/);
    expect(started.printed()).toContain('second');
  });

  it('is not started again when somebody had typed: it would not be where it was', async () => {
    const started = await starts(panic, 'two: login: ');
    started.send('root\n');
    await expect(started.expect(/login: /, 60)).rejects.toThrow(/fault of QEMU.*it was typed into before/);
  });

  it('is not what panics elsewhere: that is the fault of what is tested', async () => {
    const started = await starts(other, 'two: login: ');
    await expect(started.expect(/login: /, 8)).rejects.toThrow(/8 s passed without output/);
    expect(started.printed()).toContain('memcpy');
  });
});
