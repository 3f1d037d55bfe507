export type { ByteReader, Chunks } from './chunk-reader.ts';
export {
  type CompressedFrame,
  type CompressOptions,
  compressFrames,
  type StreamTotals,
} from './compress.ts';
export type { DecodeOptions } from './decode.ts';
export {
  type DecompressedFrame,
  decompressFrames,
  decompressPastDamage,
  type MissingFrame,
  type RangeOptions,
  readRange,
} from './decompress.ts';
export { type DamageReason, type FrameDamage, SeekableError, type SeekableReason } from './error.ts';
export { defaultFrameSize, defaultLevel } from './format.ts';
export { type FrameColumns, type FrameEntry, type FramePlace, type FrameRecord, FrameTable } from './frame-table.ts';
export { prepareThreads, type ThreadOptions } from './pipeline.ts';
export { checkSeekTable, encodeSeekTable, readSeekTable } from './seek-table.ts';
export {
  type FrameSource,
  fileSource,
  memorySource,
  type RandomSource,
  type SequentialSource,
  sequentialSource,
} from './source.ts';
export { type VerifyOptions, type VerifyTotals, verifyFrames } from './verify.ts';
export { type WriteOptions, type WrittenFile, writeAll, writeSeekable } from './write.ts';
