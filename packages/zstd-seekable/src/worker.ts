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

/** What all jobs of a stream have in common. */
export interface StreamData extends Buffers {
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

/** To a thread: a stream begins, has a frame to do, or has ended. */
export type Message = { begin: StreamData } | { job: Job } | { end: true };

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
export function workerMain(port: MessagePort, open: (data: StreamData) => Codec, run: typeof runJob): void {
  let stream: { data: StreamData; codec: Codec } | undefined;
  port.on('message', (message: Message) => {
    if ('job' in message) {
      if (stream) port.postMessage(run(message.job, stream.data, stream.codec));
      return;
    }
    stream?.codec.close();
    stream = 'begin' in message ? { data: message.begin, codec: open(message.begin) } : undefined;
  });
}

/** The text that `new Worker(text, { eval: true })` runs: whole, whatever a bundler did to this file. */
export function workerSource(): string {
  return `'use strict';
const { parentPort } = require('node:worker_threads');
const modules = { zlib: require('node:zlib'), crypto: require('node:crypto') };
const parts = { directCoder: ${directCoder}, oneShotCoders: ${oneShotCoders} };
const open = (data) => (${frameCodec})(modules, parts, data.params, data.direct);
(${workerMain})(parentPort, open, ${runJob});
`;
}
