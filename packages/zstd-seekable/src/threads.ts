import { Worker } from 'node:worker_threads';
import { patience } from './format.ts';
import { type Message, type Reply, workerSource } from './worker.ts';

export interface ThreadEvents {
  reply(reply: Reply): void;
  /** It ended; nothing more comes of it. */
  end(message: string, cause: unknown): void;
}

/** A thread that encodes and decodes frames, for one stream at a time. */
export class CodecThread {
  /** Given to it, and not yet answered. */
  jobs = 0;
  readonly #worker: Worker;
  #events: ThreadEvents | undefined;
  #leaving: NodeJS.Timeout | undefined;

  constructor() {
    this.#worker = new Worker(workerSource(), {
      eval: true,
      name: 'zstd-seekable',
      env: {},
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#take(reply));
    this.#worker.on('error', (cause) => this.#end(`a compression thread ended: ${cause}`, cause));
    this.#worker.on('exit', (code) => this.#end(`a compression thread ended with ${code}`, undefined));
    this.#leaving = leaveLater(this);
  }

  /** From now on it belongs to one stream, until `free` or `stop`. */
  begin(events: ThreadEvents): void {
    clearTimeout(this.#leaving);
    this.#events = events;
  }

  send(message: Message): void {
    if ('job' in message) {
      this.jobs += 1;
      this.#worker.ref();
    }
    this.#worker.postMessage(message);
  }

  /** The stream is done with it: it waits for another. */
  free(): void {
    this.#events = undefined;
    this.send({ end: true });
    idle.push(this);
    this.#leaving = leaveLater(this);
  }

  /** Ends when the thread has ended: it finishes the frame it is at, which takes some milliseconds. */
  async stop(): Promise<void> {
    this.#events = undefined;
    this.#forget();
    await this.#worker.terminate();
  }

  #take(reply: Reply): void {
    this.jobs -= 1;
    if (this.jobs === 0) this.#worker.unref(); // an abandoned stream does not keep the program alive
    this.#events?.reply(reply);
  }

  #end(message: string, cause: unknown): void {
    this.#forget();
    this.#events?.end(message, cause);
  }

  #forget(): void {
    clearTimeout(this.#leaving);
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
  }
}

const idle: CodecThread[] = [];

function leaveLater(thread: CodecThread): NodeJS.Timeout {
  return setTimeout(() => void thread.stop(), patience).unref();
}

/** One that is there already, or a new one. */
export function takeThread(): CodecThread {
  return idle.pop() ?? new CodecThread();
}

/** Threads that will be wanted in a moment: at least `count` are idle then. */
export function startThreads(count: number): void {
  while (idle.length < count) idle.push(new CodecThread());
}
