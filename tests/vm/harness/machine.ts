import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';
import { run } from '../../../common/run.ts';
import { cacheDirectory } from './cache.ts';
import { isEmulatorPanic } from './emulator-panic.ts';
import { readFramebuffer } from './framebuffer.ts';
import { Monitor } from './monitor.ts';
import { argumentsOf, type MachineOptions } from './qemu-arguments.ts';

export type { Disk, MachineOptions } from './qemu-arguments.ts';

/** REKINDLE_PATIENCE=3 waits three times as long for everything: for a host that others keep busy. */
const patience = Number(process.env.REKINDLE_PATIENCE ?? 1);

const after = (seconds: number): number => Date.now() + seconds * patience * 1000;

/** QEMU as it runs. */
interface Powered {
  process: ChildProcess;
  monitor: Monitor;
}

/** A virtual machine (software emulation). Its serial line is a screen that a terminal emulator keeps. */
export class Machine {
  readonly #options: MachineOptions;
  readonly #terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, logLevel: 'off' });
  readonly #log: WriteStream;
  readonly #work: string;
  #powered: Powered;
  #seen = '';
  /** Where the next `expect` starts to look. */
  #position = 0;
  /** Somebody typed, or changed a disc: started again, it would not be where it was. */
  #touched = false;
  #startedAgain = false;
  readonly logFile: string;

  private constructor(options: MachineOptions, work: string, powered: Powered, logFile: string) {
    this.#options = options;
    this.#work = work;
    this.#powered = powered;
    this.logFile = logFile;
    this.#log = createWriteStream(logFile);
    // A terminal answers questions about its size and cursor.
    this.#terminal.onData((answer) => this.#powered.process.stdin?.write(answer));
    this.#listen();
    process.on('exit', () => this.#powered.process.kill('SIGKILL'));
  }

  static async start(options: MachineOptions): Promise<Machine> {
    const work = await mkdtemp(join(tmpdir(), 'rekindle-vm-'));
    const logs = join(cacheDirectory, 'logs');
    await mkdir(logs, { recursive: true });
    return new Machine(options, work, await power(options, work), join(logs, `${options.name}.log`));
  }

  #listen(): void {
    const { process: child } = this.#powered;
    child.stdout?.on('data', (data: Buffer) => {
      if (child !== this.#powered.process) return;
      this.#seen += data.toString('utf8');
      this.#log.write(data);
      this.#terminal.write(data);
    });
  }

  get #ended(): boolean {
    const { exitCode, signalCode } = this.#powered.process;
    return exitCode !== null || signalCode !== null;
  }

  /** Who takes it means to press keys or to change discs. */
  get monitor(): Monitor {
    this.#touched = true;
    return this.#powered.monitor;
  }

  /** Starts again, once, a machine that panicked by the emulator's fault before anybody typed; says so in the log. */
  async #startedAfterEmulatorPanic(): Promise<boolean> {
    if (!isEmulatorPanic(this.#seen)) return false;
    const fault = `${this.#options.name}: the kernel panicked in kfree with int3, a fault of QEMU's multi-threaded emulation`;
    if (this.#startedAgain || this.#touched)
      throw new Error(`${fault}; ${this.#startedAgain ? 'twice' : 'it was typed into before'}. Log: ${this.logFile}`);
    this.#startedAgain = true;
    console.log(`${fault}: started again.`);
    this.#log.write(`\r\n[harness] ${fault}: started again.\r\n`);
    await this.#stop();
    this.#powered = await power(this.#options, this.#work);
    this.#terminal.reset();
    this.#seen = '';
    this.#position = 0;
    this.#listen();
    return true;
  }

  /** Types on the serial line. */
  send(text: string): void {
    this.#touched = true;
    this.#powered.process.stdin?.write(text);
  }

  /** Waits until the raw output of the serial line, from the last match on, holds this. */
  async expect(pattern: RegExp, seconds: number): Promise<RegExpExecArray> {
    return this.#until(seconds, `output ${pattern}`, () => {
      const match = pattern.exec(this.#seen.slice(this.#position));
      if (match) this.#position += match.index + match[0].length;
      return match;
    });
  }

  /** Waits until the reconstructed serial screen shows this. */
  async expectScreen(pattern: RegExp, seconds: number): Promise<string> {
    return this.#until(seconds, `screen ${pattern}`, () => (pattern.test(this.screen()) ? this.screen() : null));
  }

  /** Waits until the VGA screen shows this. */
  async expectVga(pattern: RegExp, seconds: number): Promise<string> {
    let deadline = after(seconds);
    for (;;) {
      if (await this.#startedAfterEmulatorPanic()) deadline = after(seconds);
      const text = await this.vgaText();
      if (pattern.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`VGA never showed ${pattern}. It shows:\n${text}`);
      await sleep(500);
    }
  }

  async #until<T>(seconds: number, what: string, look: () => T | null): Promise<T> {
    let deadline = after(seconds);
    for (;;) {
      const found = look();
      if (found !== null) return found;
      if (await this.#startedAfterEmulatorPanic()) deadline = after(seconds);
      const dead = this.#ended;
      if (dead || Date.now() > deadline)
        throw new Error(
          `${dead ? 'the machine ended' : `${seconds * patience} s passed`} without ${what}.\nScreen:\n${this.screen()}\nLog: ${this.logFile}\n${this.#seen.slice(-1500)}`,
        );
      await sleep(100);
    }
  }

  /** All that the serial line printed. */
  printed(): string {
    return this.#seen;
  }

  /** The serial line as a person sees it now. */
  screen(): string {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    ).join('\n');
  }

  /** The VGA screen as text, read from its picture: a console that is not the first lies anywhere in the card's memory. */
  async vgaText(): Promise<string> {
    const file = join(this.#work, 'vga.ppm');
    await this.#powered.monitor.command(`screendump "${file}"`);
    return readFramebuffer(file);
  }

  async screenshot(file: string): Promise<void> {
    await this.#powered.monitor.command(`screendump ${file} -f png`);
  }

  /** Runs a command line in a logged-in shell on the serial line. Gives its exit code. */
  async shell(command: string, seconds = 60): Promise<number> {
    this.send(`${command}; echo "exit-code"=$?.\n`);
    const match = await this.expect(/exit-code=(\d+)\./, seconds);
    return Number(match[1]);
  }

  /** Types the passphrase that an initramfs asks for. */
  async unlock(passphrase: string, seconds = 240): Promise<void> {
    await this.expect(/Please unlock disk [^\n]*: /, seconds);
    this.send(`${passphrase}\n`);
  }

  async login(seconds = 240): Promise<void> {
    await this.expect(/login: /, seconds);
    this.send('root\n');
    // English or Turkish: the one machine here that speaks otherwise.
    await this.expect(/(Password|Parola): /, 60);
    this.send('rekindle\n');
    await this.expect(/~# /, 60);
    // What the kernel says must not tear the answers.
    this.send('dmesg --console-off\n');
    await this.expect(/~# /, 60);
  }

  /** Waits until the machine went off by itself. */
  async expectEnd(seconds: number): Promise<void> {
    let deadline = after(seconds);
    for (;;) {
      if (await this.#startedAfterEmulatorPanic()) deadline = after(seconds);
      if (this.#ended) return;
      if (Date.now() > deadline) throw new Error(`the machine did not end in ${seconds} s.\nScreen:\n${this.screen()}`);
      await sleep(200);
    }
  }

  /** Pulls the plug. */
  async close(): Promise<void> {
    await this.#stop();
    this.#log.end();
    await rm(this.#work, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    const { process: child, monitor } = this.#powered;
    if (!this.#ended) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    monitor.close();
  }
}

/** @param work what goes away with the machine; its firmware's variables lie there unless a file of their own was named */
async function power(options: MachineOptions, work: string): Promise<Powered> {
  const socket = join(work, 'monitor');
  await rm(socket, { force: true });
  const child = spawn('qemu-system-x86_64', await argumentsOf(options, work, socket), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // The terminal still answers a machine that has just ended.
  child.stdin.on('error', () => undefined);
  return { process: child, monitor: await Monitor.connect(socket) };
}

/** A sparse, empty disk image. */
export async function blankDisk(file: string, size: string): Promise<string> {
  await rm(file, { force: true });
  await run(['truncate', '-s', size, file]);
  return file;
}
