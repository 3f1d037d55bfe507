import crypto from 'node:crypto';
import zlib from 'node:zlib';
import { type Codec, directCoder, frameCodec, oneShotCoders } from './codec.ts';
import { SeekableError } from './error.ts';
import { type CodecThread, takeThread } from './threads.ts';
import { type Job, type Reply, runJob, type StreamData } from './worker.ts';

export interface PoolEvents {
  reply(reply: Reply): void;
  /** A thread ended; nothing more comes. */
  failure(error: SeekableError): void;
}

/**
 * The threads of one stream. They come when there is work for them, so that a small file takes one;
 * with 0 threads the caller's own thread does the work, which is quicker for a frame or two.
 */
export class CodecPool {
  readonly #threads: CodecThread[] = [];
  readonly #most: number;
  readonly #data: StreamData;
  readonly #events: PoolEvents;
  #inline: Codec | undefined;
  #closed = false;

  constructor(threads: number, data: StreamData, events: PoolEvents) {
    this.#most = threads;
    this.#data = data;
    this.#events = events;
  }

  submit(job: Job): void {
    if (this.#most === 0) setImmediate(() => this.#runHere(job));
    else this.#pick().send({ job });
  }

  /** @param keep the threads for the next stream; else it ends when they have ended */
  async close(keep: boolean): Promise<void> {
    this.#closed = true;
    this.#inline?.close();
    await Promise.all(this.#threads.map((thread) => (keep && thread.jobs === 0 ? thread.free() : thread.stop())));
  }

  #runHere(job: Job): void {
    if (this.#closed) return;
    const { params, direct } = this.#data;
    this.#inline ??= frameCodec({ zlib, crypto }, { directCoder, oneShotCoders }, params, direct);
    this.#events.reply(runJob(job, this.#data, this.#inline));
  }

  /** An idle thread, else another one, else the one with the fewest jobs. */
  #pick(): CodecThread {
    let best: CodecThread | undefined;
    for (const thread of this.#threads) if (!best || thread.jobs < best.jobs) best = thread;
    if (best && (best.jobs === 0 || this.#threads.length >= this.#most)) return best;
    const taken = takeThread();
    this.#threads.push(taken);
    taken.begin({
      reply: (reply) => this.#events.reply(reply),
      end: (message, cause) => this.#events.failure(new SeekableError('codec', message, { cause })),
    });
    taken.send({ begin: this.#data });
    return taken;
  }
}
