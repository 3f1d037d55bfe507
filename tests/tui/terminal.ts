import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';
import type { Command, EngineState } from '../../restore/execute/protocol.ts';
import { type Answer, EngineServer } from '../../restore/execute/server.ts';
import { runMenu } from '../../tui/main.tsx';
import type { Terminal } from '../../tui/terminal.ts';

const waitMs = 15_000;

interface MenuOnScreenOptions {
  columns?: number;
  rows?: number;
  ascii?: boolean;
  state: EngineState;
  /** What the machine's clock says: the same on any day. */
  now?: string;
  onCommand?: (command: Command) => Promise<Answer>;
}

/** The real menu on a terminal emulator, a client of the engine's real socket; the states behind it are the test's. */
export class MenuOnScreen {
  readonly #emulator: InstanceType<typeof xterm.Terminal>;
  readonly #input = new PassThrough();
  readonly #work = mkdtempSync(join(tmpdir(), 'rekindle-tui-'));
  readonly #server: EngineServer;
  #menu: Promise<void> = Promise.resolve();
  state: EngineState;
  /** All that went to the terminal. */
  written = '';
  readonly commands: Command[] = [];
  #output: Writable | null = null;

  private constructor(options: MenuOnScreenOptions) {
    const { columns = 80, rows = 24 } = options;
    this.#emulator = new xterm.Terminal({
      cols: columns,
      rows,
      convertEol: true,
      allowProposedApi: true,
      logLevel: 'off',
    });
    this.state = options.state;
    this.#server = new EngineServer({
      path: join(this.#work, 'engine.sock'),
      state: () => this.state,
      onCommand: async (command) => {
        this.commands.push(command);
        return (await options.onCommand?.(command)) ?? {};
      },
    });
  }

  static async open(options: MenuOnScreenOptions): Promise<MenuOnScreen> {
    const menu = new MenuOnScreen(options);
    await menu.#server.listen();
    const { columns = 80, rows = 24, ascii = false, now = '2026-11-30T22:00:00Z' } = options;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        menu.written += chunk.toString();
        menu.#emulator.write(new Uint8Array(chunk), () => done());
      },
    });
    menu.#output = output;
    Object.assign(output, { columns, rows, isTTY: true });
    Object.assign(menu.#input, {
      isTTY: true,
      setRawMode: () => menu.#input,
      ref: () => undefined,
      unref: () => undefined,
    });
    const terminal = { input: menu.#input, output } as unknown as Terminal;
    menu.#menu = runMenu({ socket: join(menu.#work, 'engine.sock'), ascii, terminal, clock: () => Date.parse(now) });
    return menu;
  }

  /** What a person sees now. */
  screen(): string {
    const { active } = this.#emulator.buffer;
    const rows = Array.from({ length: this.#emulator.rows }, (_, row) => active.getLine(active.baseY + row));
    return rows.map((row) => row?.translateToString(true) ?? '').join('\n');
  }

  /** Keys as a person presses them: what comes in one piece, Ink takes for one paste. */
  async press(keys: string): Promise<void> {
    this.#input.write(keys);
    await sleep(60);
  }

  /** The terminal gets another size; what it showed is lost, as on a console that changes its mode. */
  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.#emulator.reset();
    Object.assign(this.#output ?? {}, { columns, rows });
    this.#output?.emit('resize');
  }

  show(change: Partial<EngineState>): void {
    this.state = { ...this.state, ...change };
    this.#server.publish();
  }

  async expect(pattern: RegExp): Promise<string> {
    const deadline = performance.now() + waitMs;
    while (!pattern.test(this.screen())) {
      if (performance.now() > deadline)
        throw new Error(`the screen never showed ${pattern}. It shows:\n${this.screen()}`);
      await sleep(20);
    }
    return this.screen();
  }

  async close(): Promise<void> {
    this.#input.end();
    await this.#menu;
    this.#server.close();
    rmSync(this.#work, { recursive: true, force: true });
  }
}
