import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** What is read at once, always into the same memory: a stream's pieces wait long for the garbage collector. Bytes. */
const pieceBytes = 1 << 20;

/** Size in bytes, and SHA-256 as hex, of what can be read from a file. @throws as open(2), read(2) */
export async function hashFile(path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  await using file = await open(path);
  let size = 0;
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, null);
    if (bytesRead === 0) return { size, sha256: hash.digest('hex') };
    hash.update(piece.subarray(0, bytesRead));
    size += bytesRead;
  }
}
