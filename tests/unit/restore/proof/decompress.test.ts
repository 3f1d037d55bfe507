import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { NoToolError, PackingError, packingOf, unpack } from '../../../../restore/proof/read/decompress.ts';

it('[C11] tells a tool that the rescue has not from bytes that are damaged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-unpack-'));
  const unforeseen: unknown[] = [];
  const note = (error: unknown): void => void unforeseen.push(error);
  process.on('unhandledRejection', note);
  try {
    const file = join(folder, 'packed');
    const packed = gzipSync(Buffer.alloc(3 << 20, 'kernel'));
    await writeFile(file, packed);
    const range = { start: 0, end: packed.length };
    const packing = packingOf(packed);
    if (packing === null) throw new Error('gzip is not known');
    let bytes = 0;
    await unpack(file, range, packing, (chunk) => {
      bytes += chunk.length;
    });
    expect(bytes).toBe(3 << 20);
    const without = { name: 'xz', tool: ['rekindle-has-no-such-tool', '-dc'] } as const;
    await expect(unpack(file, range, without, () => undefined)).rejects.toThrow(NoToolError);
    const short = { start: 0, end: packed.length - 9 };
    await expect(unpack(file, short, packing, () => undefined)).rejects.toThrow(PackingError);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(unforeseen).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
    await rm(folder, { recursive: true, force: true });
  }
});
