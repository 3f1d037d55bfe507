import { availableParallelism } from 'node:os';
import { giveBuffers, takeBuffer } from './buffers.ts';
import type { DecodeChecks, ZstdParameters } from './codec.ts';
import { FreeList, InOrder } from './in-order.ts';
import { CodecPool } from './pool.ts';
import { startThreads } from './threads.ts';
import type { Buffers, JobResult, Reply } from './worker.ts';

/**
 * Four threads compress about what one thread can read of a pipe, and with frames of 4 MiB that nothing compresses the
 * whole program has 265 MB at most: 300 are what it may take, and a fifth took 310 on some machines.
 */
const mostThreads = 4;
const defaultMemory = 96 << 20;

export interface ThreadOptions {
  /** Threads that compress or decompress; all cores, at most 4, when not given. 0: the calling thread. */
  threads?: number;
  /** For frames in flight, bytes (96 MiB when not given). One frame is always taken. */
  memory?: number;
  signal?: AbortSignal;
}

export interface PipelineOptions<Tag> extends ThreadOptions {
  /** Of the largest frame, bytes. */
  inputSize: number;
  outputSize: number;
  params?: ZstdParameters;
  /** False: zlib's documented calls only. */
  direct?: boolean;
  /** Fills `input` with the next frame; undefined after the last. An error is thrown after the frames before it. */
  feed(input: Uint8Array): Promise<Fed<Tag> | undefined>;
  /** Called once, early or late, when nothing more is fed. */
  release(): void;
}

export interface Fed<Tag> {
  tag: Tag;
  /** Without it the tag goes its way with the others, and nothing is done. */
  job?: { inputLength: number; outputLength: number; decode?: DecodeChecks };
}

export interface Finished<Tag> {
  tag: Tag;
  result: JobResult | undefined;
  /** Shared memory, used again once the next is asked for. */
  output: Uint8Array;
}

/** Starts the threads that a stream of so many frames takes, while what it needs is still being read. */
export function prepareThreads(frames: number, { threads }: ThreadOptions = {}): void {
  startThreads(Math.min(frames, threadsOf(threads)));
}

function threadsOf(threads: number | undefined): number {
  return threads ?? Math.min(availableParallelism(), mostThreads);
}

interface Flight<Tag> {
  tag: Tag;
  input: number;
  output: number;
}

/**
 * Feeds frames to the threads and gives what became of them in order. Everything waits for everything: no frame
 * is fed without a free input buffer, none is begun without a free output buffer, and an output buffer is free
 * only when the consumer asks for the next frame. Buffers are made once.
 */
export async function* runFrames<Tag>(options: PipelineOptions<Tag>): AsyncGenerator<Finished<Tag>, void, void> {
  const { signal } = options;
  const line = open(options);
  const abort = (): void => line.abort(signal?.reason);
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort, { once: true });
    line.begin();
    for (;;) {
      const flight = await line.order.take();
      if (!flight) {
        await line.stop(true);
        return;
      }
      yield { tag: flight.tag, result: flight.result, output: line.outputView(flight.output) };
      line.outputs.give(flight.output);
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await line.stop();
  }
}

function open<Tag>(options: PipelineOptions<Tag>): Line<Tag> {
  try {
    return new Line(options);
  } catch (error) {
    options.release();
    throw error;
  }
}

class Line<Tag> {
  readonly order = new InOrder<Flight<Tag> & { result: JobResult | undefined }>();
  readonly outputs: FreeList;
  readonly #inputs: FreeList;
  readonly #buffers: Buffers;
  readonly #flights = new Map<number, Flight<Tag>>();
  readonly #options: PipelineOptions<Tag>;
  readonly #pool: CodecPool;
  #stopped: Promise<void> | undefined;

  constructor(options: PipelineOptions<Tag>) {
    const { inputSize, outputSize, params = {}, direct = true } = options;
    const { threads, frames } = flightPlan(options, inputSize + outputSize);
    // One output more, for the frame that the consumer has in hand.
    this.#buffers = {
      inputs: Array.from({ length: frames }, () => takeBuffer(inputSize)),
      outputs: Array.from({ length: frames + 1 }, () => takeBuffer(outputSize)),
    };
    this.#options = options;
    this.#inputs = new FreeList(frames);
    this.outputs = new FreeList(frames + 1);
    this.#pool = new CodecPool(
      threads,
      { ...this.#buffers, params, direct },
      { reply: (reply) => this.#land(reply), failure: (error) => this.abort(error) },
    );
  }

  begin(): void {
    void this.#feed();
  }

  outputView(output: number): Uint8Array {
    return view(this.#buffers.outputs, output, this.#options.outputSize);
  }

  /** The consumer gets `error` at once; threads and input go. */
  abort(error: unknown): void {
    this.order.fail(error);
    void this.stop();
  }

  /** @param finished all frames are through: the threads may wait for another stream */
  stop(finished = false): Promise<void> {
    this.#stopped ??= this.#end(finished);
    return this.#stopped;
  }

  async #end(finished: boolean): Promise<void> {
    // Only what is free is given on: a thread, the input or the consumer may be at work in the others.
    const free = [
      ...this.#inputs.close().map((input) => this.#buffers.inputs[input]),
      ...this.outputs.close().map((output) => this.#buffers.outputs[output]),
    ].filter((buffer) => buffer !== undefined);
    this.#options.release();
    await this.#pool.close(finished);
    giveBuffers(free);
  }

  async #feed(): Promise<void> {
    let place = 0;
    try {
      for (; ; place += 1) {
        const input = await this.#inputs.take();
        if (input === undefined) break;
        const fed = await this.#options.feed(view(this.#buffers.inputs, input, this.#options.inputSize));
        if (!fed) {
          this.#inputs.give(input);
          break;
        }
        const output = await this.outputs.take();
        if (output === undefined) break;
        this.#launch(place, { tag: fed.tag, input, output }, fed.job);
      }
      this.order.end(place);
    } catch (error) {
      this.order.end(place, { error });
    }
  }

  #launch(place: number, flight: Flight<Tag>, job: Fed<Tag>['job']): void {
    const { input, output } = flight;
    if (this.#stopped) return;
    this.#flights.set(place, flight);
    if (job) this.#pool.submit({ place, input, output, ...job });
    else this.#arrive(place, undefined);
  }

  #land({ place, ...result }: Reply): void {
    this.#arrive(place, result);
  }

  #arrive(place: number, result: JobResult | undefined): void {
    const flight = this.#flights.get(place);
    if (!flight) return;
    this.#flights.delete(place);
    this.#inputs.give(flight.input);
    this.order.put(place, { ...flight, result });
  }
}

function view(buffers: readonly SharedArrayBuffer[], number: number, size: number): Uint8Array {
  return new Uint8Array(buffers[number] ?? new SharedArrayBuffer(size), 0, size);
}

/** Each thread has a frame at work, two frames wait, one is being fed. Memory may allow fewer. */
function flightPlan({ threads, memory = defaultMemory }: ThreadOptions, frameBytes: number) {
  const wanted = threadsOf(threads);
  const affordable = Math.max(1, Math.floor(memory / Math.max(1, frameBytes)));
  const frames = Math.min(wanted + 3, affordable);
  return { threads: Math.min(wanted, frames), frames };
}
