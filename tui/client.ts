import { createConnection, type Socket } from 'node:net';
import { RekindleError } from '../common/errors/error.ts';
import {
  type CommandBody,
  type EngineState,
  type Message,
  messageSchema,
  type Report,
} from '../restore/execute/protocol.ts';

type Reply = Extract<Message, { type: 'reply' }>;

/** An answer of the engine that says no. */
export class EngineRefusal extends Error {
  readonly report: Report;
  constructor(report: Report) {
    super(report.message);
    this.report = report;
  }
}

const retryMs = 500;
const answerSeconds = 60;

/** The menu's side of the engine's socket. It connects again for ever: an engine that was restarted is shown, not feared. */
export class EngineClient {
  readonly #path: string;
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #socket: Socket | null = null;
  #nextId = 1;
  #closed = false;
  readonly #ready = Promise.withResolvers<void>();
  state: EngineState | null = null;
  connected = false;

  constructor(path: string) {
    this.#path = path;
    this.#connect();
  }

  /** Ends with the first state, or when there is no engine yet. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Calls back after each change; gives the way to stop that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #connect(): void {
    const socket = createConnection(this.#path);
    this.#socket = socket;
    socket.setEncoding('utf8');
    let rest = '';
    socket.on('connect', () => {
      this.connected = true;
      this.#changed();
    });
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.connected = false;
      for (const { reject } of this.#waiting.values()) reject(new Error('The engine was restarted.'));
      this.#waiting.clear();
      this.#ready.resolve();
      this.#changed();
      if (!this.#closed) setTimeout(() => this.#connect(), retryMs);
    });
  }

  #take(line: string): void {
    let message: Message;
    try {
      message = messageSchema.parse(JSON.parse(line));
    } catch {
      return; // not our engine's words: the next state will do
    }
    if (message.type === 'state') {
      this.state = message.state;
      this.#ready.resolve();
      this.#changed();
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) waiting?.reject(new EngineRefusal(message.error));
    else waiting?.resolve(message);
  }

  /** Sends a command and gives the answer. @throws EngineRefusal with code and next step, Error when the engine is away. */
  ask(body: CommandBody): Promise<Reply> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (!this.connected || !this.#socket) {
        reject(new Error('The engine is starting. Try again in a moment.'));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`The engine gave no answer in ${answerSeconds} s. Look at the log.`));
      }, answerSeconds * 1000);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#socket.write(`${JSON.stringify({ ...body, id })}\n`);
    });
  }
}

/** Anything thrown while asking, as a report that a screen can show. */
export function refusalOf(error: unknown): Report {
  if (error instanceof EngineRefusal) return error.report;
  const text = error instanceof Error ? error.message : String(error);
  return new RekindleError('RK497', text).report();
}
