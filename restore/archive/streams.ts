import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';

/** Passes bytes on and keeps their count and SHA-256. */
export class DigestStream extends Transform {
  readonly #hash = createHash('sha256');
  readonly #onBytes: (total: number) => void;
  bytes = 0;

  constructor(onBytes: (total: number) => void = () => undefined) {
    super({ highWaterMark: 1 << 20 });
    this.#onBytes = onBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    this.#onBytes(this.bytes);
    done(null, chunk);
  }

  /** Hex; only after the end. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** What tar writes to standard error: names of members (they start with './'), and what it has to say. */
export interface TarOutput {
  members: number;
  words: string;
}

/** Reads tar's standard error while it runs; `onName` gets the count and the latest name. */
export function readTarOutput(stream: Readable, onName: (count: number, name: string) => void): TarOutput {
  const output: TarOutput = { members: 0, words: '' };
  let rest = '';
  const take = (lines: readonly string[]): void => {
    let last: string | null = null;
    for (const line of lines) {
      if (line.startsWith('./')) {
        output.members += 1;
        last = line;
      } else output.words += `${line}\n`;
    }
    if (last !== null) onName(output.members, last);
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    take(lines);
  });
  stream.on('end', () => take(rest === '' ? [] : [rest]));
  return output;
}

/** Collects a tool's standard error. */
export function collectText(stream: Readable): { text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    collected.text += text;
  });
  return collected;
}
