import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { RekindleError } from '../../../common/errors/error.ts';
import { createEncryptor } from '../age/encryptor.ts';
import type { AgeRecipients } from '../age/recipients.ts';
import type { SetFile } from '../set-schema.ts';
import { DigestStream } from '../streams.ts';

/** What GNU tar's listed-incremental works with. */
export interface SnapshotFiles {
  /** The snapshot of the set before; null: everything is saved. It is not changed. */
  base: string | null;
  /** Gets the new one. */
  output: string;
}

/** Puts the file in place that tar reads, and then writes. @throws RekindleError RK357 */
export async function prepareSnapshot({ base, output }: SnapshotFiles): Promise<void> {
  await mkdir(dirname(output), { recursive: true, mode: 0o700 });
  await rm(output, { force: true });
  if (base === null) return;
  try {
    await pipeline(
      createReadStream(base, { highWaterMark: 1 << 20 }),
      (chunks: AsyncIterable<Buffer>) => asBase(chunks, base),
      createWriteStream(output, { mode: 0o600 }),
    );
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ENOENT' && code !== 'EIO') throw error;
    throw new RekindleError('RK357', error instanceof Error ? error.message : base, { cause: error });
  }
}

/** Fields of a directory, each ended by a NUL: NFS, time in two, device, inode, name; then its names, ended by an empty one. */
const field = { magic: -3, seconds: -2, nanoseconds: -1, first: 0, device: 3, names: 6, end: 7 };

/**
 * A snapshot file (format 2 of tar's manual, "Snapshot Files") changed so that what tar makes of it is right whatever happened:
 * - No directory lies on a known device. tar would tell by device and inode number that one was renamed, and move the old one when
 *   it extracts; but a new directory often gets the inode of a removed one. So it is saved under its new name, as tar does anyway.
 * - Its time is a second earlier: the kernel stamps files with a clock that is some milliseconds behind.
 * @throws RekindleError RK357
 */
export async function* asBase(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let now = field.magic;
  for await (const chunk of chunks) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const out: Buffer[] = [];
    let copied = 0;
    let at = 0;
    for (;;) {
      const end = data.indexOf(now === field.magic ? 0x0a : 0, at);
      if (end < 0) break;
      const changed = changedField(now, data.toString('latin1', at, Math.min(end, at + 64)), name);
      if (changed !== null) {
        out.push(data.subarray(copied, at), Buffer.from(changed));
        copied = end;
      }
      now = following(now, end === at);
      at = end + 1;
    }
    out.push(data.subarray(copied, at));
    rest = Buffer.from(data.subarray(at));
    yield Buffer.concat(out);
  }
  if (rest.length > 0 || now !== field.first) throw new RekindleError('RK357', `${name} is not complete`);
}

function following(now: number, empty: boolean): number {
  if (now === field.end) return field.first;
  if (now === field.names) return empty ? field.end : field.names;
  return now + 1;
}

/** Null: it stays. */
function changedField(now: number, text: string, name: string): string | null {
  const sound =
    now === field.magic
      ? /^GNU tar-.*-2$/.test(text)
      : now === field.end
        ? text === ''
        : now > field.device + 1 || /^-?\d{1,20}$/.test(text);
  if (!sound) throw new RekindleError('RK357', `${name} is no snapshot file of GNU tar`);
  if (now === field.device) return '0';
  return now === field.seconds ? String(BigInt(text) - 1n) : null;
}

/** The snapshot as a file of the set, waiting beside the index; encrypted where the set is: it names every file. */
export async function packSnapshot(
  { indexDirectory, recipients }: { indexDirectory: string; recipients: AgeRecipients | null },
  snapshot: string,
  archive: string,
): Promise<SetFile> {
  const path = `archives/${archive}.snar.zst${recipients === null ? '' : '.age'}`;
  const digest = new DigestStream();
  const file = join(indexDirectory, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await pipeline([
    createReadStream(snapshot, { highWaterMark: 1 << 20 }),
    createZstdCompress(),
    ...(recipients === null ? [] : [await createEncryptor(recipients)]),
    digest,
    createWriteStream(file, { mode: 0o600, flush: true }),
  ]);
  return { path, size: digest.bytes, sha256: digest.digest() };
}
