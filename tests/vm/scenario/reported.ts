import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, it } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why this test did not pass, in a row that reports instead of failing; the closing lines of a run name each. */
    reported?: string;
  }
}

const minute = 60_000;

/** The tests of a row that stops nobody's work: what fails in it is reported and skipped, never passed and never silent. */
export interface ReportedRow {
  /** As beforeAll; when it fails, each test of the row is reported. */
  prepare(make: () => Promise<void>, minutes: number): void;
  /** As it; after one that failed the others are reported, for they build on it. */
  step(title: string, body: () => Promise<void>, minutes: number): void;
}

/** @param name of the row, for its reports */
export function reportedRow(name: string): ReportedRow {
  let stopped: string | null = null;

  async function attempt(what: string, work: () => Promise<void>, minutes: number): Promise<void> {
    const over = new AbortController();
    try {
      await Promise.race([work(), limit(minutes, over.signal)]);
    } catch (error) {
      const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
      console.error(`REPORTED, not failed: ${name}: ${what}: ${told}`);
      stopped = `${name}: ${what}: ${told.split('\n', 1)[0]}`;
    } finally {
      over.abort();
    }
  }

  return {
    prepare: (make, minutes) => beforeAll(() => attempt('to prepare it', make, minutes), (minutes + 1) * minute),
    step: (title, body, minutes) =>
      it(
        title,
        async ({ task, skip }) => {
          if (stopped === null) await attempt(title, body, minutes);
          if (stopped === null) return;
          task.meta.reported = stopped;
          skip(stopped);
        },
        (minutes + 1) * minute,
      ),
  };
}

/** A minute before vitest's own limit, which would count as failed. */
async function limit(minutes: number, signal: AbortSignal): Promise<never> {
  await sleep(minutes * minute, undefined, { signal, ref: false });
  throw new Error(`not done after ${minutes} minutes`);
}
