import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';
import { run } from '../../../common/run.ts';
import { cacheDirectory } from './cache.ts';
import { readFramebuffer } from './framebuffer.ts';
import { Monitor } from './monitor.ts';
import { argumentsOf, type MachineOptions } from './qemu-arguments.ts';

export type { Disk, MachineOptions } from './qemu-arguments.ts';

/** A virtual machine (software emulation). Its serial line is a screen that a terminal emulator keeps. */
export class Machine {
  readonly #process: ChildProcess;
  readonly #terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, logLevel: 'off' });
  readonly #log: WriteStream;
  readonly #work: string;
  #seen = '';
  /** Where the next `expect` starts to look. */
  #position = 0;
  #exitCode: number | null = null;
  readonly monitor: Monitor;
  readonly logFile: string;

  private constructor(parts: {
    process: ChildProcess;
    monitor: Monitor;
    work: string;
    logFile: string;
  }) {
    this.#process = parts.process;
    this.#work = parts.work;
    this.monitor = parts.monitor;
    this.logFile = parts.logFile;
    this.#log = createWriteStream(parts.logFile);
    // A terminal answers questions about its size and cursor.
    this.#terminal.onData((answer) => this.#process.stdin?.write(answer));
    parts.process.stdout?.on('data', (data: Buffer) => {
      this.#seen += data.toString('utf8');
      this.#log.write(data);
      this.#terminal.write(data);
    });
    parts.process.on('exit', (code) => {
      this.#exitCode = code ?? 1;
    });
  }

  static async start(options: MachineOptions): Promise<Machine> {
    const work = await mkdtemp(join(tmpdir(), 'rekindle-vm-'));
    const logs = join(cacheDirectory, 'logs');
    await mkdir(logs, { recursive: true });
    const socket = join(work, 'monitor');
    const child = spawn('qemu-system-x86_64', await argumentsOf(options, work, socket), {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    process.on('exit', () => child.kill('SIGKILL'));
    return new Machine({
      process: child,
      monitor: await Monitor.connect(socket),
      work,
      logFile: join(logs, `${options.name}.log`),
    });
  }

  /** Types on the serial line. */
  send(text: string): void {
    this.#process.stdin?.write(text);
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
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const text = await this.vgaText();
      if (pattern.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`VGA never showed ${pattern}. It shows:\n${text}`);
      await sleep(500);
    }
  }

  async #until<T>(seconds: number, what: string, look: () => T | null): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = look();
      if (found !== null) return found;
      const dead = this.#exitCode !== null;
      if (dead || Date.now() > deadline)
        throw new Error(
          `${dead ? 'the machine ended' : `${seconds} s passed`} without ${what}.\nScreen:\n${this.screen()}\nLog: ${this.logFile}\n${this.#seen.slice(-1500)}`,
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
    await this.monitor.command(`screendump "${file}"`);
    return readFramebuffer(file);
  }

  async screenshot(file: string): Promise<void> {
    await this.monitor.command(`screendump ${file} -f png`);
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
    await this.expect(/Password: /, 60);
    this.send('rekindle\n');
    await this.expect(/~# /, 60);
    // What the kernel says must not tear the answers.
    this.send('dmesg --console-off\n');
    await this.expect(/~# /, 60);
  }

  /** Waits until the machine went off by itself. */
  async expectEnd(seconds: number): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (this.#exitCode === null) {
      if (Date.now() > deadline) throw new Error(`the machine did not end in ${seconds} s.\nScreen:\n${this.screen()}`);
      await sleep(200);
    }
  }

  /** Pulls the plug. */
  async close(): Promise<void> {
    if (this.#exitCode === null) {
      this.#process.kill('SIGKILL');
      await this.expectEnd(10);
    }
    this.monitor.close();
    this.#log.end();
    await rm(this.#work, { recursive: true, force: true });
  }
}

/** A sparse, empty disk image. */
export async function blankDisk(file: string, size: string): Promise<string> {
  await rm(file, { force: true });
  await run(['truncate', '-s', size, file]);
  return file;
}
