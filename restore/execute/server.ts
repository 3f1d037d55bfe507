import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { log } from './log.ts';
import type { Command, EngineState, Message } from './protocol.ts';
import { answerOf, lineOf, readRequest, unreadable } from './request.ts';

/** What an answer carries besides id and error. */
export type Answer = Pick<Extract<Message, { type: 'reply' }>, 'disks' | 'devices' | 'plan'>;

export interface ServerOptions {
  path: string;
  state: () => EngineState;
  /** Carries out one command; what it throws becomes the reply's error. */
  onCommand: (command: Command) => Promise<Answer>;
}

const stateIntervalMs = 200;
/** A client that does not read for this many bytes is dropped: it must not fill the memory. */
const mostUnread = 8 << 20;

/** The engine's socket: newline-delimited JSON, every value checked. A client can neither stop nor break the engine. */
export class EngineServer {
  readonly #clients = new Set<Socket>();
  readonly #options: ServerOptions;
  readonly #server: Server;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    const { path } = this.#options;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    const mask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => this.#server.once('error', reject).listen(path, resolve));
    } finally {
      process.umask(mask);
    }
    chmodSync(path, 0o600);
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
    this.#server.close();
  }

  /** Sends the state to all, soon, at most five times a second. */
  publish(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const message = this.#stateMessage();
      for (const client of this.#clients) this.#send(client, message);
    }, stateIntervalMs);
  }

  #stateMessage(): string {
    return `${JSON.stringify({ type: 'state', state: this.#options.state() } satisfies Message)}\n`;
  }

  #send(client: Socket, text: string): void {
    if (client.writableLength > mostUnread) client.destroy();
    else client.write(text);
  }

  #accept(socket: Socket): void {
    this.#clients.add(socket);
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#clients.delete(socket));
    let rest = '';
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > mostUnread) socket.destroy();
      for (const line of lines) void this.#answer(socket, line);
    });
    this.#send(socket, this.#stateMessage());
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const { id, command } = readRequest(line);
    if (command === null) {
      const error = unreadable().report();
      log(`${error.message} [${error.code}]`);
      this.#reply(socket, { type: 'reply', id, error });
      return;
    }
    try {
      const answer = await this.#options.onCommand(command);
      this.#reply(socket, { type: 'reply', id, error: null, ...answer });
    } catch (error) {
      log(lineOf(error, command));
      this.#reply(socket, { type: 'reply', id, error: answerOf(error, command) });
    }
  }

  #reply(socket: Socket, message: Message): void {
    this.#send(socket, `${JSON.stringify(message)}\n`);
  }
}
