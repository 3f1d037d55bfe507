/**
 * Numbers of the Zstandard frame format (RFC 8878) and of its seekable format 0.1.0
 * (facebook/zstd, contrib/seekable_format/zstd_seekable_compression_format.md). Sizes are bytes.
 */
export const frameMagic = 0xfd2fb528;
/** The low four bits of a skippable frame's magic number are free. */
export const skippableMagicBase = 0x184d2a50;
export const seekTableMagic = 0x184d2a5e;
export const seekableMagic = 0x8f92eab1;

export const skippableHeaderSize = 8;
export const seekTableFooterSize = 9;
export const digestSize = 32;

/** The reference implementation's own limits (zstd_seekable.h). */
export const maxFrames = 0x8000000;
export const maxFrameContent = 0x40000000;

export const defaultFrameSize = 4 << 20;
export const defaultLevel = 3;

/** How long what a stream leaves (threads, memory) waits for the next one, milliseconds: archives follow one another. */
export const patience = 2000;

/** The most that `size` bytes can become: ZSTD_compressBound of zstd.h. */
export function compressBound(size: number): number {
  return size + (size >>> 8) + (size < 1 << 17 ? ((1 << 17) - size) >>> 11 : 0);
}

export function hex32(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;
}
