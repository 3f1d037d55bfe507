import { Readable } from 'node:stream';
import { writeAll } from '@rekindle/zstd-seekable';
import { createEncryptor } from './age/encryptor.ts';
import type { AgeRecipients } from './age/recipients.ts';
import type { VolumeFile } from './set-schema.ts';
import type { VolumeFileWriter } from './volumes/volume-writer.ts';

const piece = 1 << 20;

/** Where an archive's bytes go: straight onto the volumes, or through a cipher. */
export interface ArchiveSink {
  /** The bytes may be used again when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Everything is on the disk. Gives the parts. */
  close(): Promise<VolumeFile[]>;
  /** After a failure. */
  dispose(): Promise<void>;
}

export async function archiveSink(file: VolumeFileWriter, recipients: AgeRecipients | null): Promise<ArchiveSink> {
  if (recipients === null) return file;
  const encryptor = await createEncryptor(recipients);
  let failure: { error: unknown } | null = null;
  const flow = (async () => {
    for await (const chunk of Readable.from(encryptor)) await file.write(chunk as Buffer);
  })().catch((error: unknown) => {
    failure = { error };
    encryptor.destroy();
  });
  return {
    async write(bytes) {
      try {
        // In pieces: the cipher buffers what it gets at once. A copy: it keeps what does not fill a chunk.
        for (let at = 0; at < bytes.length; at += piece)
          await writeAll(encryptor, Buffer.from(bytes.subarray(at, at + piece)));
      } catch (error) {
        throw failure?.error ?? error;
      }
    },
    async close() {
      encryptor.end();
      await flow;
      if (failure) throw failure.error;
      return file.close();
    },
    async dispose() {
      encryptor.destroy();
      await flow;
      await file.dispose();
    },
  };
}
