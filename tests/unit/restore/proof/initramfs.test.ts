import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { readInitramfs } from '../../../../restore/proof/read/initramfs.ts';

let work = '';
let plain: Buffer;
let early: Buffer;

async function cpio(name: string, files: Record<string, string | Buffer>): Promise<Buffer> {
  const tree = join(work, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(tree, path, '..'), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  await run(['sh', '-c', 'cd "$1" && find . | cpio -o -H newc --quiet > "$1.cpio"', 'sh', tree]);
  return readFileSync(`${tree}.cpio`);
}

const packers: Record<string, string> = {
  gzip: 'gzip -9n',
  zstd: 'zstd -q -19',
  xz: 'xz --check=crc32',
  lzma: 'xz --format=lzma',
  bzip2: 'bzip2',
  'lz4 as the kernel wants it': 'lz4 -l -q',
  'lz4 frames': 'lz4 -q',
};

async function pack(command: string, bytes: Buffer): Promise<Buffer> {
  const file = join(work, 'packing');
  writeFileSync(file, bytes);
  await run(['sh', '-c', `${command} < "$1" > "$1.out"`, 'sh', file]);
  return readFileSync(`${file}.out`);
}

async function read(bytes: Buffer) {
  const file = join(work, 'initramfs');
  writeFileSync(file, bytes);
  return readInitramfs(file);
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-initramfs-'));
  plain = await cpio('main', {
    init: '#!/bin/sh\n',
    'usr/lib/modules/6.1/kernel/virtio_blk.ko': Buffer.from(
      Array.from({ length: 9001 }, (_, index) => (index * 7919) % 251),
    ),
    'cryptroot/crypttab': 'secret UUID=1234\n',
  });
  early = await cpio('early', { 'kernel/x86/microcode/GenuineIntel.bin': Buffer.alloc(5000, 3) });
});
afterAll(() => rmSync(work, { recursive: true }));

describe('[C11] reading an initramfs to its end', () => {
  it.each(Object.entries(packers))('%s, with and without microcode before it', async (_, command) => {
    const packed = await pack(command, plain);
    for (const bytes of [packed, Buffer.concat([early, Buffer.alloc(1000), packed])]) {
      const reading = await read(bytes);
      if (reading.state !== 'whole') throw new Error(JSON.stringify(reading));
      expect(reading.initramfs.names).toContain('usr/lib/modules/6.1/kernel/virtio_blk.ko');
      expect(reading.initramfs.contents.get('cryptroot/crypttab')).toBe('secret UUID=1234\n');
    }
  });

  it('archives in a row: plain, each in a stream of its own, of several kinds', async () => {
    const gzip = await pack('gzip', plain);
    const zstd = await pack('zstd -q', early);
    for (const bytes of [
      Buffer.concat([early, plain]),
      Buffer.concat([gzip, await pack('gzip', early)]),
      Buffer.concat([await pack('zstd -q', plain), zstd]),
      Buffer.concat([gzip, await pack('gzip', early), Buffer.alloc(512)]),
    ]) {
      const reading = await read(bytes);
      if (reading.state !== 'whole') throw new Error(JSON.stringify(reading));
      expect(reading.initramfs.names).toContain('init');
      expect(reading.initramfs.names).toContain('kernel/x86/microcode/GenuineIntel.bin');
    }
  });

  it('what the tool cannot read behind a whole archive is unknown, not damage', async () => {
    const other = await pack('bzip2', early);
    for (const command of ['gzip', 'xz'])
      expect((await read(Buffer.concat([await pack(command, plain), other]))).state).toBe('unknown');
  });

  it('cut anywhere it is never whole', async () => {
    const packed: Buffer[] = [];
    for (const command of ['gzip', 'zstd -q', 'xz', 'lz4 -l -q']) packed.push(await pack(command, plain));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(plain, ...packed),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        async (bytes, share) => {
          const cut = Math.floor(bytes.length * share);
          // cpio fills up with zeros behind the trailer: without them it is as whole as before.
          const end = bytes === plain ? plain.lastIndexOf('TRAILER!!!') : bytes.length;
          if (cut < end) expect((await read(bytes.subarray(0, cut))).state).toBe('damaged');
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(4096)],
    ['text', Buffer.from('no archive at all')],
  ])('%s is damage', async (_, bytes) => {
    expect((await read(bytes)).state).toBe('damaged');
  });
});
