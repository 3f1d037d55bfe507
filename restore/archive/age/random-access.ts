import type { FileHandle } from 'node:fs/promises';

/** Bytes that can be read from any place. */
export interface RandomAccess {
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes; throws when they are not there. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** An open file. Closing it stays with the caller. */
export async function fileAccess(file: FileHandle): Promise<RandomAccess> {
  const { size } = await file.stat();
  return {
    size,
    read: async (offset, length) => {
      const buffer = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
        if (bytesRead === 0) throw new Error(`the file ends at byte ${offset + filled}; it had ${size} bytes before`);
        filled += bytesRead;
      }
      return buffer;
    },
  };
}

export function bufferAccess(bytes: Buffer): RandomAccess {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}
