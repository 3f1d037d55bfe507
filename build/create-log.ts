import { closeSync, constants, fchmodSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type CommandRun, onCommandRun } from '../common/commands-run.ts';
import { reportOf } from '../common/errors/error.ts';
import { openDirectory, within } from '../common/files/remove-tree.ts';
import { printErrorLines } from '../common/print.ts';
import { renderCommand, renderEnd } from '../common/render-command.ts';
import { run } from '../common/run.ts';
import { version } from '../common/version.ts';
import { visible } from '../common/visible.ts';

export const logDirectory = '/var/log/rekindle';
const fileName = 'create.log';
/** A larger one becomes create.log.1; no run adds more than this. Bytes. */
const largest = 4 << 20;

/**
 * Opens the log for root alone. Somebody who may write in /var/log could have put a link, a pipe or a folder there: nothing but our
 * own file in our own folder is written. @throws Error saying what is in the way
 */
async function openLog(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folder = await openDirectory(directory);
  try {
    assertOurs(directory, await folder.stat());
    const path = within(folder, fileName);
    const fd = openFile(path);
    if (fstatSync(fd).size < largest) return fd;
    closeSync(fd);
    renameSync(path, within(folder, `${fileName}.1`));
    return openFile(path);
  } finally {
    await folder.close();
  }
}

function openFile(path: Buffer): number {
  const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600);
  try {
    const found = fstatSync(fd);
    assertOurs(fileName, found);
    if (!found.isFile() || found.nlink !== 1) throw new Error(`${fileName} is no regular file with one name`);
    fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function assertOurs(name: string, { uid, mode }: { uid: number; mode: number }): void {
  if (uid !== process.geteuid?.() || (mode & 0o022) !== 0)
    throw new Error(`${name} can be changed by others: owner ${uid}, mode ${(mode & 0o7777).toString(8)}`);
}

/** Lines of one run of `create`: what it ran, when, how long and to what end. */
export class CreateLog {
  #fd: number | null = null;
  #left = largest;
  readonly #onLost: (reason: string) => void;

  private constructor(onLost: (reason: string) => void) {
    this.#onLost = onLost;
  }

  /** @param onLost gets why there is no log, or no more of it: at most once */
  static async open(directory: string, onLost: (reason: string) => void): Promise<CreateLog> {
    const log = new CreateLog(onLost);
    try {
      log.#fd = await openLog(directory);
    } catch (error) {
      onLost(error instanceof Error ? error.message : String(error));
    }
    return log;
  }

  /** A line that a shell passes over. */
  note(text: string): void {
    this.#write(`# ${stamp(new Date())} ${visible(text)}\n`);
  }

  command(command: CommandRun): void {
    this.#write(`${renderCommand(command)} # ${stamp(command.startedAt)} ${renderEnd(command)}\n`);
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #write(line: string): void {
    if (this.#fd === null || this.#left === 0) return;
    const bytes = Buffer.from(line);
    const text = bytes.length <= this.#left ? bytes : Buffer.from('# more than a log may hold: the rest is not here\n');
    this.#left = text === bytes ? this.#left - bytes.length : 0;
    try {
      writeSync(this.#fd, text);
    } catch (error) {
      this.close();
      this.#onLost(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Runs of several at once are told apart by the number. */
function stamp(at: Date): string {
  return `${at.toISOString()} [${process.pid}]`;
}

export interface LoggedRun {
  set: string;
  to: readonly string[];
  directory?: string;
}

/** Does the work with a log of it, and a line at its begin and its end in the journal. @param describe its result, one line */
export async function logged<T>(about: LoggedRun, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
  const log = await CreateLog.open(about.directory ?? logDirectory, (reason) => {
    printErrorLines([`rekindle: no log of this run is kept: ${reason}`]);
  });
  const begun = performance.now();
  const say = async (text: string, priority: 'notice' | 'err'): Promise<void> => {
    log.note(text);
    await tellJournal(text, priority);
  };
  await say(
    `create begins: rekindle ${version}, to ${about.to.join(', ') || 'no destination'}, set ${about.set}`,
    'notice',
  );
  const stop = onCommandRun((command) => log.command(command));
  const end = async (text: string, priority: 'notice' | 'err'): Promise<void> => {
    stop();
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    await say(`create ended after ${seconds} s: ${text}, set ${about.set}`, priority);
    log.close();
  };
  try {
    const result = await work();
    await end(describe(result), 'notice');
    return result;
  } catch (error) {
    // Causes may hold what only the terminal is to show.
    const { code, message } = reportOf(error);
    await end(`${code} ${message}`, 'err');
    throw error;
  }
}

/** Where there is none, nobody misses it. */
async function tellJournal(text: string, priority: 'notice' | 'err'): Promise<void> {
  const argv = ['logger', '--tag', 'rekindle', '--priority', `user.${priority}`, '--', visible(text)] as const;
  await run([...argv], { timeoutMs: 5000 }).catch(() => undefined);
}
