import { Transform } from 'node:stream';
import { RekindleError } from '../../common/errors/error.ts';

const block = 512;

/** tar's number: octal text, or big-endian binary when the first bit is set. */
function parseSize(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) !== 0) return Number(BigInt(`0x${field.subarray(4).toString('hex')}`));
  return Number.parseInt(field.toString('latin1').replaceAll('\0', ' ').trim() || '0', 8);
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? undefined : end).toString('latin1');
}

/** What a pax header says of the next member: '<length> <key>=<value>\n' records, as bytes in latin1. */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number.parseInt(content.subarray(at, space).toString('latin1'), 10);
    if (space < 0 || !Number.isInteger(length) || length <= 0) break;
    const record = content.subarray(space + 1, at + length - 1).toString('latin1');
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/** Hard link, symbolic link, devices, directory, fifo. */
const withoutContent = '123456';

function nameOf(header: Buffer): string {
  const prefix = header.subarray(257, 263).toString('latin1') === 'ustar\0' ? textOf(header.subarray(345, 500)) : '';
  const name = textOf(header.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

function assertInside(name: string): void {
  if (name.startsWith('/') || name.split('/').includes('..'))
    throw new RekindleError('RK310', `member name ${JSON.stringify(Buffer.from(name, 'latin1').toString('utf8'))}`);
}

/**
 * Looks at every member's name of a tar stream before tar sees it: no absolute name, no '..'. tar runs with -P, so it
 * would follow such a name out of the target. Hard links' targets are names of members too.
 */
export class MemberCheck extends Transform {
  #pending = Buffer.alloc(0);
  /** Content bytes still to pass, padding included. */
  #skip = 0;
  #collect: { type: string; size: number } | null = null;
  /** Overrides for the next member: 'path', 'linkpath', 'size'. */
  #next = new Map<string, string>();

  constructor() {
    super({ highWaterMark: 1 << 20 });
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    try {
      this.#look(chunk);
      done(null, chunk);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #look(chunk: Buffer): void {
    let data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, data.length);
        data = data.subarray(passed);
        this.#skip -= passed;
      }
      const wanted = this.#collect ? Math.ceil(this.#collect.size / block) * block : block;
      if (this.#skip > 0 || data.length < wanted) break;
      const part = data.subarray(0, wanted);
      data = data.subarray(wanted);
      if (this.#collect) this.#takeContent(part, this.#collect);
      else this.#takeHeader(part);
    }
    this.#pending = Buffer.from(data);
  }

  #takeContent(content: Buffer, { type, size }: { type: string; size: number }): void {
    this.#collect = null;
    const used = content.subarray(0, size);
    if (type === 'x') this.#next = paxRecords(used);
    else this.#next.set(type === 'L' ? 'path' : 'linkpath', textOf(used));
  }

  #takeHeader(header: Buffer): void {
    if (header[0] === 0 && header.every((byte) => byte === 0)) return; // the end, or its padding
    const type = String.fromCharCode(header[156] ?? 0);
    const size = parseSize(header.subarray(124, 136));
    if (type === 'x' || type === 'L' || type === 'K') {
      this.#collect = { type, size };
      return;
    }
    const next = this.#next;
    this.#next = new Map();
    assertInside(next.get('path') ?? nameOf(header));
    if (type === '1') assertInside(next.get('linkpath') ?? textOf(header.subarray(157, 257)));
    const stored = next.has('size') ? Number(next.get('size')) : size;
    this.#skip = withoutContent.includes(type) ? 0 : Math.ceil(stored / block) * block;
  }
}
