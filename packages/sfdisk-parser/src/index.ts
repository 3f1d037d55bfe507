export { partitionDevice } from './device.ts';
export { type Dump, type Field, type Line, type Partition, printDump } from './dump.ts';
export { addPartition, type PartitionFields, removePartition, renameDisk, setField, setHeader } from './edit.ts';
export { decodeName, encodeName } from './name.ts';
export { DumpSyntaxError, parseDump } from './parse.ts';
export { headerOf, isExtended, labelOf, numberHeaderOf, partitionsOf, sectorSizeOf } from './read.ts';
export { type Disk, type Problem, validateDump } from './validate/validate.ts';
