import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ReadStream } from 'node:tty';
import { RekindleError } from '../errors/error.ts';
import { visible } from '../visible.ts';
import { type LineState, TypedLine } from './typed-line.ts';

/** The process's own terminal, wherever standard input and output go. */
const device = '/dev/tty';
const deadly = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const attempts = 3;

/** The terminal while it shows nothing of what is typed. What a signal interrupts, it leaves as it was. */
class QuietTerminal {
  readonly #input: ReadStream;
  readonly #output: number;
  readonly #decoder = new StringDecoder('utf8');
  /** Typed, and not yet taken: a second line may come with the first. */
  #typed: string[] = [];
  #wake: () => void = () => undefined;
  #failure: RekindleError | null = null;
  #prompt = '';

  constructor() {
    try {
      this.#output = openSync(device, constants.O_WRONLY | constants.O_NOCTTY);
    } catch {
      throw new RekindleError('RK329', 'there is no terminal to ask on');
    }
    this.#input = new ReadStream(openSync(device, constants.O_RDONLY | constants.O_NOCTTY));
    this.#input.setRawMode(true);
    for (const signal of deadly) process.on(signal, this.#onDeadly);
    process.on('SIGCONT', this.#onContinued);
    this.#input.on('data', (data) => {
      this.#typed.push(...this.#decoder.write(data as Buffer));
      this.#wake();
    });
    this.#input.on('end', () => this.#fail('the terminal was closed'));
    this.#input.on('error', (error) => this.#fail(`the terminal failed: ${error.message}`));
  }

  #fail(words: string): void {
    this.#failure ??= new RekindleError('RK329', words);
    this.#wake();
  }

  readonly #onDeadly = (signal: NodeJS.Signals): void => {
    this.#failure ??= new RekindleError('RK006', `${signal} while waiting for a passphrase`);
    this.say('\n');
    this.close();
    this.#wake();
    // Nobody else wants the signal: it ends the process, as it would have without us.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };

  /** The shell changed the terminal while we were stopped. */
  readonly #onContinued = (): void => {
    this.#input.setRawMode(false);
    this.#input.setRawMode(true);
    this.say(this.#prompt);
  };

  say(text: string): void {
    try {
      writeSync(this.#output, text);
    } catch {
      // It hung up: reading says so too.
    }
  }

  /** One line, without its end. */
  async ask(prompt: string): Promise<string> {
    this.#prompt = `${visible(prompt)}: `;
    this.say(this.#prompt);
    const line = new TypedLine();
    let state: LineState = 'open';
    while (state === 'open') {
      if (this.#failure) throw this.#failure;
      const character = this.#typed.shift();
      if (character === undefined)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      else state = line.add(character);
    }
    if (state === 'interrupted') {
      // The raw terminal made a character of Ctrl-C: the signal is ours to send, to whoever handles it.
      this.#onDeadly('SIGINT');
      process.emit('SIGINT', 'SIGINT');
    }
    if (state === 'ended') this.#fail('nothing was typed');
    if (this.#failure) throw this.#failure;
    this.say('\n');
    return line.text;
  }

  /** Shows again what is typed. */
  close(): void {
    for (const signal of deadly) process.off(signal, this.#onDeadly);
    process.off('SIGCONT', this.#onContinued);
    if (this.#input.destroyed) return;
    this.#input.setRawMode(false);
    this.#input.destroy();
    closeSync(this.#output);
  }
}

/**
 * Asks on the process's terminal.
 * @param confirm asks twice, up to three times until both are the same
 * @throws RekindleError RK329, RK330; RK006 after a signal that something else handles
 */
export async function secretFromTerminal(prompt: string, confirm: boolean): Promise<string> {
  const terminal = new QuietTerminal();
  try {
    for (let attempt = 1; ; attempt += 1) {
      const secret = await terminal.ask(prompt);
      if (secret === '') throw new RekindleError('RK329', 'nothing was typed');
      if (!confirm || secret === (await terminal.ask(`${prompt} (again)`))) return secret;
      if (attempt === attempts) throw new RekindleError('RK330', `${attempts} times`);
      terminal.say('They differ. Once more:\n');
    }
  } finally {
    terminal.close();
  }
}

/** Asks once. @returns null where there is no terminal, or nothing was typed @throws RekindleError RK329, RK006 */
export async function optionalFromTerminal(prompt: string): Promise<string | null> {
  if (!hasTerminal()) return null;
  const terminal = new QuietTerminal();
  try {
    return (await terminal.ask(prompt)) || null;
  } finally {
    terminal.close();
  }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync(device, constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
