import { constants, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reportOf } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { listMounts } from '../layout/mounts.ts';
import type { Plan } from '../plan/step.ts';
import { changeRoot } from './change-root.ts';
import { overwriteFile, replaceFile, syncDirectory } from './durable-file.ts';
import { type JournalEntry, parseJournal } from './journal.ts';
import { type KeepPlace, keepPlaceOf, stateDirectory, stateFiles } from './keep-place.ts';
import { log } from './log.ts';
import { type Facts, Seal } from './remembered.ts';
import { settledSteps, sinceBegun } from './resume.ts';

/**
 * Bytes that a journal has on the target, all written before the first entry. Entries are then written in place: whoever
 * looks without replaying the file system's own journal sees them, for only data change, no metadata.
 */
const journalBytes = 256 * 1024;

export interface KeptOptions {
  plan: Plan;
  /** This boot's journal. */
  journal: string;
  /** Null: nothing is remembered. */
  facts: Facts | null;
  /** What seals it; null: nobody can prove later who wrote it. */
  key: Buffer | null;
}

/**
 * Journal and facts on the restored root file system itself, where they outlive a power cut, from the end of its extraction to
 * the end of the restore. It is mounted for the moment of each write. A target that does not take them stops no restore.
 */
export class KeptOnTarget {
  readonly #plan: Plan;
  readonly #journal: string;
  readonly #facts: Facts | null;
  readonly #key: Buffer | null;
  readonly #at: string;
  #place: KeepPlace | null;
  /** What the next entries are sealed with, and how many bytes of the target's journal are entries; null before they are there. */
  #written: { seal: Seal; used: number } | null = null;
  #isOwn = false;
  /** Entries of this boot's journal that the target has. */
  #copied = 0;

  constructor({ plan, journal, facts, key }: KeptOptions) {
    this.#plan = plan;
    this.#journal = journal;
    this.#facts = facts;
    this.#key = key;
    this.#at = join(dirname(journal), 'kept-on-target');
    this.#place = facts === null ? null : keepPlaceOf(plan);
  }

  /** After each step that is done. */
  async follow(): Promise<void> {
    const [place, facts] = [this.#place, this.#facts];
    const since = sinceBegun(this.#plan, parseJournal(await readFile(this.#journal, 'utf8')));
    const settled = settledSteps(since);
    if (place === null || facts === null || !place.filledBy.every((id) => settled.has(id))) return;
    try {
      const more = this.#written?.seal.lines(since.slice(this.#copied)) ?? null;
      await this.#mounted(place, (root) =>
        this.#written === null || more === null || this.#written.used + Buffer.byteLength(more) > journalBytes
          ? this.#writeAll(root, new Seal(facts, this.#key), since)
          : this.#append(root, this.#written, more),
      );
      this.#copied = since.length;
    } catch (error) {
      log(
        `after a power cut this restore would begin anew: ${place.device} does not keep its journal: ${reasonOf(error)}`,
      );
      this.#place = null;
    }
  }

  /** At the end. @returns what a person should know when something of it is left */
  async remove(): Promise<string | null> {
    const place = keepPlaceOf(this.#plan);
    if (place === null) return null;
    try {
      await this.#mounted(place, async (root) => {
        await overwriteState(root);
        removeState(root);
      });
      return null;
    } catch (error) {
      log(`/${stateDirectory} could not be removed from ${place.device}: ${reasonOf(error)}`);
      return `Remove the folder /${stateDirectory} from the restored machine: it says that this restore did not end.`;
    }
  }

  async #mounted(place: KeepPlace, work: (root: string) => Promise<void>): Promise<void> {
    if (!this.#isOwn) await this.#takeMountPoint();
    const [file = 'mount', ...words] = place.mount;
    await run([file, ...words, place.device, this.#at]);
    try {
      await work(this.#at);
      await run(['sync', '--file-system', this.#at]);
    } finally {
      await run(['umount', this.#at]);
    }
  }

  async #takeMountPoint(): Promise<void> {
    await mkdir(this.#at, { recursive: true, mode: 0o700 });
    // Left by an engine that was killed.
    if ((await listMounts()).some(({ target }) => target === this.#at)) await run(['umount', this.#at]);
    this.#isOwn = true;
  }

  async #writeAll(root: string, seal: Seal, since: readonly JournalEntry[]): Promise<void> {
    const entries = seal.lines(since);
    const directory = join(root, stateDirectory);
    const found = lstatSync(directory, { throwIfNoEntry: false });
    try {
      if (found === undefined) changeRoot(root, () => mkdirSync(directory, { mode: 0o700 }));
      // A link of the restored machine would lead out of it.
      else if (!found.isDirectory()) throw new Error(`/${stateDirectory} is something else there`);
      await replaceFile(join(directory, stateFiles.facts), seal.facts);
      await replaceFile(join(directory, stateFiles.journal), entries.padEnd(journalBytes, '\n'));
      await syncDirectory(directory);
      await syncDirectory(root);
    } catch (error) {
      // What is there already is older, and good enough: some steps would run twice.
      if (found === undefined) removeState(root);
      throw error;
    }
    this.#written = { seal, used: Buffer.byteLength(entries) };
  }

  async #append(root: string, { seal, used }: { seal: Seal; used: number }, entries: string): Promise<void> {
    const path = join(root, stateDirectory, stateFiles.journal);
    const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      await file.write(entries, used);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#written = { seal, used: used + Buffer.byteLength(entries) };
  }
}

function reasonOf(error: unknown): string {
  return reportOf(error).cause;
}

/** What was sealed could be dug out of the free space later, and be put back: a restore that never was would be believed. */
export async function overwriteState(root: string): Promise<void> {
  const directory = join(root, stateDirectory);
  if (!lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of Object.values(stateFiles)) await overwriteFile(join(directory, name));
}

function removeState(root: string): void {
  const directory = join(root, stateDirectory);
  if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory())
    changeRoot(root, () => rmSync(directory, { recursive: true }));
}
