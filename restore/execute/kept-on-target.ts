import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reportOf } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { listMounts } from '../layout/mounts.ts';
import type { Plan } from '../plan/step.ts';
import { changeRoot } from './change-root.ts';
import { linesOf, parseJournal } from './journal.ts';
import { type KeepPlace, keepPlaceOf, stateDirectory, stateFiles } from './keep-place.ts';
import { log } from './log.ts';
import { settledSteps, sinceBegun } from './resume.ts';

/**
 * Bytes that a journal has on the target, all written before the first entry. Entries are then written in place: whoever
 * looks without replaying the file system's own journal sees them, for only data change, no metadata.
 */
const journalBytes = 256 * 1024;

/**
 * Journal and plan on the restored root file system itself, where they outlive a power cut, from the end of its extraction to
 * the end of the restore. It is mounted for the moment of each write. A target that does not take them stops no restore.
 */
export class KeptOnTarget {
  readonly #plan: Plan;
  readonly #journal: string;
  readonly #at: string;
  #place: KeepPlace | null;
  /** Bytes of the target's journal that are entries; null before they are there. */
  #used: number | null = null;
  #isOwn = false;
  /** Entries of this boot's journal that the target has. */
  #copied = 0;

  /** @param journal this boot's journal */
  constructor(plan: Plan, journal: string) {
    this.#plan = plan;
    this.#journal = journal;
    this.#at = join(dirname(journal), 'kept-on-target');
    this.#place = keepPlaceOf(plan);
  }

  /** After each step that is done. */
  async follow(): Promise<void> {
    const place = this.#place;
    const since = sinceBegun(this.#plan, parseJournal(await readFile(this.#journal, 'utf8')));
    const settled = settledSteps(since);
    if (place === null || !place.filledBy.every((id) => settled.has(id))) return;
    try {
      const more = linesOf(since.slice(this.#copied));
      const used = this.#used;
      await this.#mounted(place, (root) =>
        used === null || used + more.length > journalBytes
          ? this.#writeAll(root, linesOf(since))
          : this.#append(root, used, more),
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
      await this.#mounted(place, async (root) => removeState(root));
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

  async #writeAll(root: string, entries: string): Promise<void> {
    const directory = join(root, stateDirectory);
    const found = lstatSync(directory, { throwIfNoEntry: false });
    try {
      if (found === undefined) changeRoot(root, () => mkdirSync(directory, { mode: 0o700 }));
      // A link of the restored machine would lead out of it.
      else if (!found.isDirectory()) throw new Error(`/${stateDirectory} is something else there`);
      await writeDurably(join(directory, stateFiles.plan), JSON.stringify(this.#plan));
      await writeDurably(join(directory, stateFiles.journal), entries.padEnd(journalBytes, '\n'));
      await syncDirectory(directory);
      await syncDirectory(root);
    } catch (error) {
      // What is there already is older, and good enough: some steps would run twice.
      if (found === undefined) removeState(root);
      throw error;
    }
    this.#used = Buffer.byteLength(entries);
  }

  async #append(root: string, used: number, entries: string): Promise<void> {
    const file = await open(join(root, stateDirectory, stateFiles.journal), 'r+');
    try {
      await file.write(entries, used);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#used = used + Buffer.byteLength(entries);
  }
}

function reasonOf(error: unknown): string {
  return reportOf(error).cause;
}

/** Replaces a file as one: a power cut leaves the old one or the new one. */
async function writeDurably(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const file = await open(fresh, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function removeState(root: string): void {
  const directory = join(root, stateDirectory);
  if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory())
    changeRoot(root, () => rmSync(directory, { recursive: true }));
}
