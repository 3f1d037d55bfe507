import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { RekindleError } from '../../common/errors/error.ts';
import type { SetFile } from '../../restore/archive/set-schema.ts';
import { listExtents } from '../../restore/archive/store/iso.ts';

/**
 * Reads files out of the image as the disk holds it and compares them with what was meant to be written. Paths begin with '/'.
 * @throws RekindleError RK213 naming the first that differs.
 */
export async function readBack(image: string, expected: readonly SetFile[], signal: AbortSignal): Promise<void> {
  const extents = await listExtents(image);
  for (const file of expected) {
    const hash = createHash('sha256');
    let size = 0;
    for (const extent of extents.get(file.path) ?? []) {
      if (extent.size === 0) continue;
      const range = { start: extent.start, end: extent.start + extent.size - 1, highWaterMark: 1 << 20 };
      for await (const chunk of createReadStream(image, range)) {
        signal.throwIfAborted();
        hash.update(chunk as Buffer);
        size += (chunk as Buffer).length;
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
