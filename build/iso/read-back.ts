import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import type { SetFile } from '../../restore/archive/set-schema.ts';
import { listExtents } from '../../restore/archive/store/iso.ts';

/** Throws the file's pages out of the cache, so that what is read next comes from the disk. Its data must be on the disk already. */
async function dropCache(file: string): Promise<void> {
  await run(['dd', `if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
}

/**
 * Reads the files out of the image as the disk holds it and compares them with what was meant to be written.
 * @throws RekindleError RK213 naming the first that differs.
 */
export async function readBack(
  image: string,
  expected: readonly SetFile[],
  options: { signal: AbortSignal; onBytes: (done: number, total: number) => void },
): Promise<void> {
  await dropCache(image);
  const extents = await listExtents(image);
  const total = expected.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of expected) {
    const hash = createHash('sha256');
    let size = 0;
    for (const extent of extents.get(file.path) ?? []) {
      if (extent.size === 0) continue;
      const range = { start: extent.start, end: extent.start + extent.size - 1, highWaterMark: 1 << 20 };
      for await (const chunk of createReadStream(image, range)) {
        options.signal.throwIfAborted();
        const bytes = chunk as Buffer;
        hash.update(bytes);
        size += bytes.length;
        done += bytes.length;
        options.onBytes(done, total);
      }
    }
    const digest = hash.digest('hex');
    if (size !== file.size || digest !== file.sha256)
      throw new RekindleError(
        'RK213',
        `${file.path}: ${size} bytes, SHA-256 ${digest}; written were ${file.size} bytes, ${file.sha256}`,
      );
  }
}
