import type { MessagePort } from 'node:worker_threads';
import {
  type Codec,
  type DecodeChecks,
  type DecodeReply,
  directCoder,
  type EncodeReply,
  frameCodec,
  oneShotCoders,
  type ZstdParameters,
} from './codec.ts';

/** The buffers that all threads see; a job names them by number. */
export interface Buffers {
  inputs: SharedArrayBuffer[];
  outputs: SharedArrayBuffer[];
}

export interface WorkerData extends Buffers {
  params: ZstdParameters;
  direct: boolean;
}

export interface Job {
  /** Which job this is; the reply has it too. */
  place: number;
  /** Number of the input buffer, and how much of it is filled. */
  input: number;
  inputLength: number;
  /** Number of the output buffer, and how much of it may be used. */
  output: number;
  outputLength: number;
  /** What to do when decoding; encode when it is not there. */
  decode?: DecodeChecks;
}

export type JobResult = { encoded: EncodeReply } | { decoded: DecodeReply } | { failure: string };
export type Reply = { place: number } & JobResult;

/** Does one job. Travels as text: see codec.ts. */
export function runJob(job: Job, buffers: Buffers, codec: Codec): Reply {
  const { place, input, inputLength, output, outputLength, decode } = job;
  try {
    const from = new Uint8Array(buffers.inputs[input] ?? new SharedArrayBuffer(0), 0, inputLength);
    const to = new Uint8Array(buffers.outputs[output] ?? new SharedArrayBuffer(0), 0, outputLength);
    if (decode) return { place, decoded: codec.decode(from, to, decode) };
    return { place, encoded: codec.encode(from, to) };
  } catch (error) {
    return { place, failure: error instanceof Error ? error.message : String(error) };
  }
}

/** A worker's main function. Travels as text: see codec.ts. */
export function workerMain(port: MessagePort, data: WorkerData, codec: Codec, run: typeof runJob): void {
  port.on('message', (job: Job) => port.postMessage(run(job, data, codec)));
}

/** The text that `new Worker(text, { eval: true })` runs: whole, whatever a bundler did to this file. */
export function workerSource(): string {
  return `'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const modules = { zlib: require('node:zlib'), crypto: require('node:crypto') };
const parts = { directCoder: ${directCoder}, oneShotCoders: ${oneShotCoders} };
const codec = (${frameCodec})(modules, parts, workerData.params, workerData.direct);
(${workerMain})(parentPort, workerData, codec, ${runJob});
`;
}
