import { sealedChunkSize } from './age/payload.ts';
import type { AgeRecipients } from './age/recipients.ts';
import { createSealer } from './age/sealer.ts';
import type { VolumeFile } from './set-schema.ts';
import type { VolumeFileWriter } from './volumes/volume-writer.ts';

/**
 * Many chunks in one write: one for each chunk, and one for its tag, took longer than to encrypt them. Not a whole frame's: what
 * does not fit goes onto the next volume.
 */
const piece = 16 * sealedChunkSize;

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
  const sealer = await createSealer(recipients);
  let begun = false;
  /** Not before there is something to write: whoever writes looks after failures. */
  const begin = async (): Promise<void> => {
    if (!begun) await file.write(sealer.head);
    begun = true;
  };
  return {
    async write(bytes) {
      await begin();
      const sealed = sealer.seal(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      for (let at = 0; at < sealed.length; at += piece) await file.write(sealed.subarray(at, at + piece));
    },
    async close() {
      await begin();
      await file.write(sealer.end());
      return file.close();
    },
    dispose: () => file.dispose(),
  };
}
