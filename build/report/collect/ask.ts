import { readFile } from 'node:fs/promises';
import { RekindleError } from '../../../common/errors/error.ts';
import { type RunResult, run } from '../../../common/run.ts';
import { MissingProgram } from '../../../common/start-failure.ts';
import type { Known } from '../facts.ts';

const timeoutMs = 20_000;

/**
 * Asks one source. Whatever goes wrong becomes the reason that the page shows: the report is a help beside the
 * backup and must never stop it.
 */
export async function ask<T>(question: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await question() };
  } catch (error) {
    return { known: false, why: reasonOf(error) };
  }
}

/** What a source throws when it has nothing to say. */
export class NothingKnown extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof MissingProgram) return `${error.program} is not installed here`;
  const reason = error instanceof RekindleError ? error.reason : error instanceof Error ? error.message : String(error);
  return reason.slice(0, 300);
}

/** Runs a tool that only reads; one that hangs on a dead device is given up. */
export async function runTool(argv: readonly [string, ...string[]]): Promise<RunResult> {
  return run(argv, { timeoutMs });
}

/** A small file of /proc or /sys without its newline; null when it is absent, unreadable or empty. */
export async function readFact(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim() === '' ? null : text.trim();
}
