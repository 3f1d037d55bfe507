export { DumpSyntaxError, parseDump } from './parse.ts';
export { type Dump, type Partition, type Field, type Line, printDump } from './dump.ts';
export { decodeName, encodeName } from './name.ts';
export { addPartition, type PartitionFields, removePartition, renameDisk, setField, setHeader } from './edit.ts';
export { partitionDevice } from './device.ts';
export { headerOf, isExtended, labelOf, numberHeaderOf, partitionsOf, sectorSizeOf } from './read.ts';
export { type Disk, type Problem, validateDump } from './validate/validate.ts';
