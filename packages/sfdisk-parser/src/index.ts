export { numberOf, partitionDevice } from './device.ts';
export {
  type Dump,
  type Field,
  type HeaderLine,
  type Line,
  type OtherLine,
  type Partition,
  type PartitionLine,
  printDump,
} from './dump.ts';
export {
  addPartition,
  type FieldName,
  type PartitionFields,
  removePartition,
  renameDisk,
  setField,
  setHeader,
} from './edit.ts';
export { decodeName, encodeName } from './name.ts';
export { DumpSyntaxError, parseDump } from './parse.ts';
export { headerOf, isExtended, labelOf, numberHeaderOf, partitionsOf, sectorSizeOf } from './read.ts';
export type { Disk, Problem, ProblemCode } from './validate/problem.ts';
export { validateDump } from './validate/validate.ts';
