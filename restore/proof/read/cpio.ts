import { formatBytes, formatCount } from '../../../common/format.ts';

/** A member's name and size; `content` only where it was asked for. */
export interface CpioMember {
  name: string;
  /** Bytes. */
  size: number;
  content: Buffer | null;
}

const headerBytes = 110;
const pad = (bytes: number): number => (4 - (bytes % 4)) % 4;

/** The bytes are no cpio archive of the kind that kernels read. */
export class CpioError extends Error {}
/** It may be one, but no machine could start with it: nobody reads on. */
export class CpioTooLarge extends Error {}

/** What memory is taken for: small files, and names. A bomb of a few MiB unpacks to any number of either. */
const most = { content: 1 << 20, members: 500_000, names: 128 << 20, bytes: 2 ** 34 };

/**
 * Reads "newc" cpio archives, several in a row with zeros between them, as the kernel does
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Holds no contents but those asked for.
 */
export class CpioReader {
  readonly members: CpioMember[] = [];
  /** Archives that ended with their trailer. */
  complete = 0;
  /** Bytes of all input up to the end of the last complete archive. */
  completeAt = 0;
  /** Whether the last archive that began has ended. */
  ended = true;
  readonly #keep: (name: string) => boolean;
  #buffer: Buffer = Buffer.alloc(0);
  #position = 0;
  #names = 0;
  #skip = 0;

  /** @param keep names whose contents are wanted; small files only */
  constructor(keep: (name: string) => boolean = () => false) {
    this.#keep = keep;
  }

  /** The next bytes. @throws CpioError where an archive is damaged */
  push(chunk: Buffer): void {
    if (this.#position + chunk.length > most.bytes)
      throw new CpioTooLarge(`it unpacks to more than ${formatBytes(most.bytes)}`);
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    while (this.#step());
  }

  /** Offset in the input of the first byte that was not read yet. */
  get position(): number {
    return this.#position;
  }

  /** Whether what comes next, between two archives, is no cpio archive: another compression, or an end. */
  get atForeignBytes(): boolean {
    return this.ended && this.#buffer.length >= 6 && !isMagic(this.#buffer);
  }

  #step(): boolean {
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, this.#buffer.length);
      this.#take(skipped);
      this.#skip -= skipped;
      return this.#skip === 0;
    }
    if (this.ended) {
      let zeros = 0;
      while (zeros < this.#buffer.length && this.#buffer[zeros] === 0) zeros += 1;
      this.#take(zeros);
      if (this.#buffer.length < 6 || !isMagic(this.#buffer)) return false;
      this.ended = false;
    }
    return this.#member();
  }

  #member(): boolean {
    if (this.#buffer.length < headerBytes) return false;
    if (!isMagic(this.#buffer)) throw new CpioError('no member header where one must be');
    const field = (index: number): number => {
      const text = this.#buffer.toString('latin1', 6 + index * 8, 14 + index * 8);
      if (!/^[0-9a-f]{8}$/i.test(text)) throw new CpioError(`a member header holds "${text}"`);
      return Number.parseInt(text, 16);
    };
    const [size, nameSize] = [field(6), field(11)];
    if (nameSize < 1 || nameSize > 4096) throw new CpioError(`a member's name has ${nameSize} bytes`);
    const head = headerBytes + nameSize + pad(headerBytes + nameSize);
    if (this.#buffer.length < head) return false;
    const name = this.#buffer.toString('utf8', headerBytes, headerBytes + nameSize - 1);
    const wanted = size <= most.content && this.#keep(name);
    if (wanted && this.#buffer.length < head + size) return false;
    const content = wanted ? Buffer.from(this.#buffer.subarray(head, head + size)) : null;
    this.#take(head);
    this.#skip = size + pad(size);
    if (name === 'TRAILER!!!') {
      this.ended = true;
      this.complete += 1;
      this.completeAt = this.#position;
    } else this.#add({ name: name.replace(/^\.?\//, ''), size, content });
    return true;
  }

  #add(member: CpioMember): void {
    this.#names += member.name.length;
    if (this.members.length >= most.members || this.#names > most.names)
      throw new CpioTooLarge(`it has more than ${formatCount(this.members.length)} files`);
    this.members.push(member);
  }

  #take(bytes: number): void {
    this.#buffer = this.#buffer.subarray(bytes);
    this.#position += bytes;
  }
}

function isMagic(bytes: Buffer): boolean {
  return /^07070[12]/.test(bytes.toString('latin1', 0, 6));
}
