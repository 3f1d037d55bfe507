import { availableParallelism } from 'node:os';
import type { DecodeChecks, ZstdParameters } from './codec.ts';
import { FreeList, InOrder } from './in-order.ts';
import { CodecPool } from './pool.ts';
import type { JobResult, Reply } from './worker.ts';

/**
 * More threads than this want more data than one tar or one disk gives, and with 4 MiB frames the whole program
 * would need more than 300 MB.
 */
const mostThreads = 8;
const defaultMemory = 160 << 20;

export interface ThreadOptions {
  /** Threads that compress or decompress; all cores (at most 8) when not given. 0: the calling thread. */
  threads?: number;
  /** For frames in flight, bytes (160 MiB when not given). One frame is always taken. */
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
  const line = new Line(options);
  const abort = (): void => line.abort(signal?.reason);
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort, { once: true });
    line.begin();
    for (;;) {
      const flight = await line.order.take();
      if (!flight) return;
      yield { tag: flight.tag, result: flight.result, output: line.outputView(flight.output) };
      line.outputs.give(flight.output);
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await line.stop();
  }
}

class Line<Tag> {
  readonly order = new InOrder<Flight<Tag> & { result: JobResult | undefined }>();
  readonly outputs: FreeList;
  readonly #inputs: FreeList;
  readonly #inputViews: Uint8Array[];
  readonly #outputViews: Uint8Array[];
  readonly #flights = new Map<number, Flight<Tag>>();
  readonly #options: PipelineOptions<Tag>;
  readonly #pool: CodecPool;
  #stopped: Promise<void> | undefined;

  constructor(options: PipelineOptions<Tag>) {
    const { inputSize, outputSize, params = {}, direct = true } = options;
    const { threads, frames } = flightPlan(options, inputSize + outputSize);
    const inputs = Array.from({ length: frames }, () => new SharedArrayBuffer(inputSize));
    // One more, for the frame that the consumer has in hand.
    const outputs = Array.from({ length: frames + 1 }, () => new SharedArrayBuffer(outputSize));
    this.#options = options;
    this.#inputs = new FreeList(inputs.length);
    this.outputs = new FreeList(outputs.length);
    this.#inputViews = inputs.map((buffer) => new Uint8Array(buffer));
    this.#outputViews = outputs.map((buffer) => new Uint8Array(buffer));
    this.#pool = new CodecPool(
      threads,
      { inputs, outputs, params, direct },
      { reply: (reply) => this.#land(reply), failure: (error) => this.abort(error) },
    );
  }

  begin(): void {
    void this.#feed();
  }

  outputView(output: number): Uint8Array {
    return this.#outputViews[output] ?? new Uint8Array(0);
  }

  /** The consumer gets `error` at once; threads and input go. */
  abort(error: unknown): void {
    this.order.fail(error);
    void this.stop();
  }

  stop(): Promise<void> {
    if (!this.#stopped) {
      this.#inputs.close();
      this.outputs.close();
      this.#options.release();
      this.#stopped = this.#pool.close();
    }
    return this.#stopped;
  }

  async #feed(): Promise<void> {
    let place = 0;
    try {
      for (; ; place += 1) {
        const input = await this.#inputs.take();
        const fed = input === undefined ? undefined : await this.#options.feed(this.#inputViews[input] ?? empty);
        if (!fed || input === undefined) break;
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

const empty = new Uint8Array(0);

/** Each thread has a frame at work and one waiting; one more is being fed. Memory may allow fewer. */
function flightPlan({ threads, memory = defaultMemory }: ThreadOptions, frameBytes: number) {
  const wanted = threads ?? Math.min(availableParallelism(), mostThreads);
  const affordable = Math.max(1, Math.floor(memory / Math.max(1, frameBytes)));
  const frames = Math.min(2 * wanted + 1, affordable);
  return { threads: Math.min(wanted, frames), frames };
}
