import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { run } from '../../common/run.ts';
import { type Ended, startTool } from './child.ts';
import { escapePath } from './index/escape-path.ts';
import { addCounts } from './note-kinds.ts';
import { type AboutTar, readTarMessages, type TarMessages } from './tar-messages.ts';

/** Bytes of a path, with its NUL, that the kernel takes (PATH_MAX). A folder this near to it holds nothing that can be named. */
const pathMax = 4096;
/** Its shortest path has so many folders: a letter and a slash each. */
const mostFolders = pathMax / 2;
/**
 * Of such a chain so many folders are saved, with '.'. To compare an excluded path costs tar the square of its depth as well; and what
 * lies deeper in such a chain is named as not saved.
 */
const keptFolders = 65;
/** Together less than a command line takes. */
const mostExcluded = 200;
const leastFolders = Math.floor(pathMax / 256);

/** Folders whose path is so long that nothing in them can be opened by it: './home/...', below `source`. No more than a command line takes. */
export async function findTooDeep(source: string, signal?: AbortSignal): Promise<string[]> {
  const long = `${'?'.repeat(pathMax - 2)}*`;
  const depth = ['-mindepth', `${leastFolders}`, '-maxdepth', `${mostFolders}`] as const;
  const argv = ['find', '.', '-xdev', ...depth, '-type', 'd', '-path', long, '-prune', '-print0'] as const;
  // Byte by byte: a name need not be of any character set. Exit 1: something vanished meanwhile.
  const options = { cwd: source, env: { LC_ALL: 'C' }, okExit: [0, 1], ...(signal ? { signal } : {}) };
  const { stdout } = await run(argv, options);
  const paths = stdout.split('\0').filter((path) => path !== '');
  return [...new Set(paths.map((path) => path.split('/').slice(0, keptFolders).join('/')))].slice(0, mostExcluded);
}

/** tar's words that leave them out. What stands for bytes of no character becomes '*': a command line has text only. */
export function excludeWords(paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    path.includes('\ufffd')
      ? ['--anchored', '--wildcards', `--exclude=${path.replaceAll(/[\\*?[]/g, '\\$&').replaceAll(/\ufffd+/g, '*')}`]
      : ['--anchored', '--no-wildcards', `--exclude=${path}`],
  );
}

export interface SavingTarOptions {
  /** @param tooDeep paths below the source that stay out */
  argv: (tooDeep: readonly string[]) => [string, ...string[]];
  source: string;
  about: AboutTar;
  /** Where its archive goes; it is closed when tar has it for good. */
  fd: number;
  signal?: AbortSignal;
  /** How long tar may say nothing before folders that are too deep are looked for. Milliseconds; 30 s when not given. */
  quietMs?: number;
}

/**
 * tar as it saves. Before it writes, it goes through all folders, and takes time and memory by the square of their depth: hours and gigabytes
 * for a chain of folders that anybody can make. So where it is quiet for long, it begins anew without those it could not save anyway.
 */
export class SavingTar {
  readonly #options: SavingTarOptions;
  readonly #begun = Promise.withResolvers<'begun'>();
  #tar: ReturnType<typeof startTool>;
  #words: ReturnType<typeof readTarMessages>;
  #tooDeep: readonly string[] = [];
  #isOver = false;
  /** Never rejects but where tar cannot be started. */
  readonly ended: Promise<{ end: Ended; said: TarMessages }>;

  constructor(options: SavingTarOptions) {
    this.#options = options;
    [this.#tar, this.#words] = this.#start();
    this.ended = this.#watch();
    this.ended.catch(() => undefined); // looked at later
  }

  /** Its first bytes came. */
  begun(): void {
    this.#isOver = true;
    this.#begun.resolve('begun');
  }

  stop(): void {
    this.#isOver = true;
    this.#tar.child.kill('SIGKILL');
  }

  #start(): [ReturnType<typeof startTool>, ReturnType<typeof readTarMessages>] {
    const tar = startTool(this.#options.argv(this.#tooDeep), ['ignore', this.#options.fd, 'pipe']);
    return [tar, readTarMessages(tar.child.stderr as Readable, this.#options.about)];
  }

  async #watch(): Promise<{ end: Ended; said: TarMessages }> {
    try {
      await this.#withoutTooDeep();
    } finally {
      closeSync(this.#options.fd); // tar has it now; its end is the pipe's end
    }
    const end = await this.#tar.ended;
    const said = this.#words.sorted();
    const notes = this.#tooDeep.map((path) => `${escapePath(Buffer.from(path))}: not saved: File name too long`);
    const counts = notes.length === 0 ? said.counts : addCounts(said.counts, { unsaved: notes.length });
    return { end, said: { ...said, counts, notes: [...said.notes, ...notes], leftOut: said.leftOut + notes.length } };
  }

  async #withoutTooDeep(): Promise<void> {
    const { source, signal, quietMs = 30_000 } = this.#options;
    const timer = new AbortController();
    const late = wait(quietMs, 'late' as const, { signal: timer.signal });
    const first = await Promise.race([this.#tar.ended, this.#begun.promise, late]).catch(() => null);
    timer.abort();
    if (first !== 'late') return;
    const tooDeep = await findTooDeep(source, signal).catch((): string[] => []);
    if (tooDeep.length === 0 || this.#isOver) return;
    this.#tar.child.kill('SIGKILL');
    await this.#tar.ended;
    this.#tooDeep = tooDeep;
    if (!this.#isOver) [this.#tar, this.#words] = this.#start();
  }
}
