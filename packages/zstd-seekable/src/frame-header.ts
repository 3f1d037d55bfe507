import { frameMagic, hex32, skippableHeaderSize, skippableMagicBase } from './format.ts';

/** What the outside of a frame says, without decompressing it. */
export interface FrameOutline {
  skippable: boolean;
  /** Bytes; undefined when the frame does not say. */
  contentSize: number | undefined;
  /** Low 32 bits of the content's XXH64, when the frame has them. */
  checksum: number | undefined;
}

/**
 * Follows a frame from block to block (RFC 8878, 3.1.1) and gives its outline, or a sentence that says why
 * `bytes` are not exactly one frame. zstd itself takes a frame that stops early for one whose rest is to come.
 */
export function outlineFrame(bytes: Uint8Array): FrameOutline | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 4) return `${view.length} bytes are no frame`;
  const magic = view.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagicBase) return outlineSkippable(view);
  if (magic !== frameMagic) return `expected the frame's ${hex32(frameMagic)} and found ${hex32(magic)}`;
  const header = readHeader(view);
  if (header === undefined) return 'the frame ends in its header';
  if (typeof header === 'string') return header;
  const end = endOfBlocks(view, header.size);
  if (typeof end === 'string') return end;
  const checksumSize = header.hasChecksum ? 4 : 0;
  if (end + checksumSize !== view.length)
    return `the frame has ${end + checksumSize} bytes, its place in the table ${view.length}`;
  return {
    skippable: false,
    contentSize: header.contentSize,
    checksum: header.hasChecksum ? view.readUInt32LE(end) : undefined,
  };
}

function outlineSkippable(view: Buffer): FrameOutline | string {
  if (view.length < skippableHeaderSize) return 'the skippable frame ends in its header';
  const size = skippableHeaderSize + view.readUInt32LE(4);
  if (size !== view.length) return `the skippable frame has ${size} bytes, its place in the table ${view.length}`;
  return { skippable: true, contentSize: 0, checksum: undefined };
}

interface Header {
  size: number;
  contentSize: number | undefined;
  hasChecksum: boolean;
}

/** Undefined when the header is cut. */
function readHeader(view: Buffer): Header | string | undefined {
  const descriptor = view[4];
  if (descriptor === undefined) return undefined;
  if ((descriptor & 0x08) !== 0) return 'the frame uses a reserved bit';
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][descriptor & 0x03] ?? 0;
  const at = 5 + (singleSegment ? 0 : 1) + dictionarySize;
  const fieldSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const size = at + fieldSize;
  if (size > view.length) return undefined;
  return { size, contentSize: readContentSize(view, at, fieldSize), hasChecksum: (descriptor & 0x04) !== 0 };
}

function readContentSize(view: Buffer, at: number, fieldSize: number): number | undefined {
  if (fieldSize === 0) return undefined;
  if (fieldSize === 8) return Number(view.readBigUInt64LE(at));
  return view.readUIntLE(at, fieldSize) + (fieldSize === 2 ? 256 : 0);
}

/** Where the last block ends. */
function endOfBlocks(view: Buffer, begin: number): number | string {
  let at = begin;
  for (;;) {
    if (at + 3 > view.length) return 'the frame ends before its last block';
    const block = view.readUIntLE(at, 3);
    const type = (block >>> 1) & 0x03;
    if (type === 3) return 'the frame has a block of the reserved type';
    at += 3 + (type === 1 ? 1 : block >>> 3);
    if (at > view.length) return 'the frame ends in a block';
    if ((block & 1) === 1) return at;
  }
}
