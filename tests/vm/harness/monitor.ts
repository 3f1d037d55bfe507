import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const named: Record<string, string> = {
  ' ': 'spc',
  '\n': 'ret',
  '\x1b': 'esc',
  '\t': 'tab',
  '-': 'minus',
  '=': 'equal',
  '.': 'dot',
  ',': 'comma',
  '/': 'slash',
  '!': 'shift-1',
  _: 'shift-minus',
  ':': 'shift-semicolon',
  ';': 'semicolon',
  '?': 'shift-slash',
  '|': 'shift-backslash',
  '>': 'shift-dot',
  $: 'shift-4',
  '(': 'shift-9',
  ')': 'shift-0',
  '*': 'shift-8',
  '"': 'shift-apostrophe',
};

/** QEMU's human monitor over a Unix socket. */
export class Monitor {
  readonly #socket: Socket;
  #answer = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.#answer += text;
    });
    socket.on('error', () => socket.destroy());
  }

  static async connect(path: string): Promise<Monitor> {
    for (let attempt = 0; ; attempt += 1) {
      const socket = createConnection(path);
      const connected = await new Promise<boolean>((resolve) =>
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
      );
      if (connected) return new Monitor(socket);
      if (attempt > 100) throw new Error(`no monitor on ${path}`);
      await sleep(50);
    }
  }

  async command(line: string): Promise<string> {
    this.#answer = '';
    this.#socket.write(`${line}\n`);
    for (let waited = 0; waited < 10_000; waited += 20) {
      if (/\(qemu\) $/.test(this.#answer)) return this.#answer;
      await sleep(20);
    }
    throw new Error(`the monitor did not answer "${line}": ${this.#answer}`);
  }

  /** Presses the keys of a text on the machine's keyboard. */
  async type(text: string): Promise<void> {
    for (const character of text) {
      const upper = /[A-Z]/.test(character) ? `shift-${character.toLowerCase()}` : character;
      await this.command(`sendkey ${named[character] ?? upper}`);
      await sleep(120);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
