import { Readable, type Transform } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { RekindleError } from '../../../common/errors/error.ts';
import { damaged } from './index-lines.ts';

/** Two names of a mebibyte each, all escaped, fit. Characters. */
const longestLine = 16 << 20;

/**
 * What an index may unpack to: names that differ in a number, or frames of nothing but zeros, come to some fifty times its size; zstd
 * can do ten thousand. Bytes.
 */
const most = { unpacked: 256 << 20, times: 500 };

/** Says where the reader is, for messages; the reader counts. */
export interface Position {
  line: number;
}

/**
 * Unpacks a compressed index into texts of whole lines, each with its '\n', in latin1: each character stands for one byte.
 * Memory stays flat.
 * @throws RekindleError RK340 for what is no zstd or was changed, RK341 where it is cut short; what `source` throws.
 */
export async function* unpackedLines(source: AsyncIterable<Buffer>, position: Position): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of unpacked(source, position)) {
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end > 0) {
      yield rest + chunk.toString('latin1', 0, end);
      rest = '';
    }
    rest += chunk.toString('latin1', end);
    if (rest.length > longestLine) throw damaged(position.line, 'it has no end');
  }
  if (rest !== '') throw new RekindleError('RK341', `line ${position.line} is incomplete`);
}

async function* unpacked(source: AsyncIterable<Buffer>, position: Position): AsyncGenerator<Buffer> {
  const failed: { bySource?: unknown } = {};
  let compressed = 0;
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        compressed += chunk.length;
        yield chunk;
      }
    } catch (error) {
      failed.bySource = error;
      throw error;
    }
  }
  const input = Readable.from(watched(), { objectMode: true, highWaterMark: 2 });
  const zstd: Transform = createZstdDecompress({ chunkSize: 256 * 1024 });
  input.on('error', (error) => zstd.destroy(error));
  input.pipe(zstd);
  let unpackedBytes = 0;
  try {
    for await (const chunk of zstd as AsyncIterable<Buffer>) {
      unpackedBytes += chunk.length;
      if (unpackedBytes > most.unpacked + most.times * compressed)
        throw damaged(position.line, `its ${compressed} compressed bytes unpack to more than ${unpackedBytes}`);
      yield chunk;
    }
  } catch (error) {
    if ('bySource' in failed) throw failed.bySource;
    throw describeFailure(error, `line ${position.line}, byte ${compressed} of the compressed file`);
  } finally {
    input.destroy();
    zstd.destroy();
  }
}

function describeFailure(error: unknown, where: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'Z_BUF_ERROR') return new RekindleError('RK341', `near ${where}: ${reason}`, { cause: error });
  if (code.startsWith('ZSTD_')) return new RekindleError('RK340', `near ${where}: ${reason}`, { cause: error });
  return error;
}
