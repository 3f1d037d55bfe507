import crypto from 'node:crypto';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { type Codec, directCoder, frameCodec, oneShotCoders } from './codec.ts';
import { SeekableError } from './error.ts';
import { type Job, type Reply, runJob, type WorkerData, workerSource } from './worker.ts';

export interface PoolEvents {
  reply(reply: Reply): void;
  /** A worker ended; nothing more comes. */
  failure(error: SeekableError): void;
}

interface Thread {
  worker: Worker;
  jobs: number;
}

/**
 * Threads that encode and decode frames. They start when there is work for them, so that a small file costs one;
 * with 0 threads the caller's own thread does the work, which is quicker for a frame or two.
 */
export class CodecPool {
  readonly #threads: Thread[] = [];
  readonly #most: number;
  readonly #data: WorkerData;
  readonly #events: PoolEvents;
  #inline: Codec | undefined;
  #closed = false;

  constructor(threads: number, data: WorkerData, events: PoolEvents) {
    this.#most = threads;
    this.#data = data;
    this.#events = events;
  }

  submit(job: Job): void {
    if (this.#most === 0) {
      setImmediate(() => this.#runHere(job));
      return;
    }
    const thread = this.#pick();
    thread.jobs += 1;
    thread.worker.ref();
    thread.worker.postMessage(job);
  }

  /** Ends when all threads have ended: each finishes the frame it is at, which takes some milliseconds. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #runHere(job: Job): void {
    if (this.#closed) return;
    const { params, direct } = this.#data;
    this.#inline ??= frameCodec({ zlib, crypto }, { directCoder, oneShotCoders }, params, direct);
    this.#events.reply(runJob(job, this.#data, this.#inline));
  }

  /** An idle thread, else a new one, else the one with the fewest jobs. */
  #pick(): Thread {
    let best: Thread | undefined;
    for (const thread of this.#threads) if (!best || thread.jobs < best.jobs) best = thread;
    if (best && (best.jobs === 0 || this.#threads.length >= this.#most)) return best;
    const started = this.#start();
    this.#threads.push(started);
    return started;
  }

  #start(): Thread {
    const worker = new Worker(workerSource(), {
      eval: true,
      name: 'zstd-seekable',
      workerData: this.#data,
      env: {},
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    });
    const thread = { worker, jobs: 0 };
    worker.on('message', (reply: Reply) => {
      if (this.#closed) return;
      thread.jobs -= 1;
      if (thread.jobs === 0) worker.unref(); // an abandoned stream does not keep the program alive
      this.#events.reply(reply);
    });
    worker.on('error', (cause) => this.#fail(`a compression thread ended: ${cause}`, cause));
    worker.on('exit', (code) => this.#fail(`a compression thread ended with ${code}`, undefined));
    return thread;
  }

  #fail(message: string, cause: unknown): void {
    if (!this.#closed) this.#events.failure(new SeekableError('codec', message, { cause }));
  }
}
