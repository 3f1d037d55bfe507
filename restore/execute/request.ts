import * as z from 'zod';
import { type ErrorReport, RekindleError, reportOf } from '../../common/errors/error.ts';
import { type Command, commandSchema } from './protocol.ts';

/** A line of a client. `command` is null where it cannot be read; the id is still good for an answer, 0 without one. */
export interface Request {
  id: number;
  command: Command | null;
}

/** Never throws: what a parser says of a line quotes it, and a line may hold a passphrase. */
export function readRequest(line: string): Request {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { id: 0, command: null };
  }
  const id = z.looseObject({ id: z.int() }).safeParse(value);
  const command = commandSchema.safeParse(value);
  return { id: id.success ? id.data.id : 0, command: command.success ? command.data : null };
}

/** The answer to what cannot be read. Not a word of it. */
export function unreadable(): RekindleError {
  return new RekindleError('RK496', 'it is no command in the form that this engine knows');
}

/** A failure as its client is told of it. What nobody foresaw could quote the secret that the command brought. */
export function answerOf(error: unknown, command: Command): ErrorReport {
  const report = reportOf(error);
  if (report.code !== 'RK001' || !('secret' in command)) return report;
  return { ...report, cause: `${nameOf(error)}, while a passphrase or key was tried` };
}

/** A refused command for the log: its kind and the code. What was typed, by mistake a passphrase perhaps, stays out. */
export function lineOf(error: unknown, { command }: Command): string {
  const { code, message } = reportOf(error);
  if (code !== 'RK001') return `refused: ${command}. ${message} [${code}]`;
  return `refused: ${command}. ${message} ${nameOf(error)} [${code}]${framesOf(error)}`;
}

/** Where it was thrown, without its message, which stands before. */
function framesOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const [before, frames] = (error.stack ?? '').split(error.message || error.name, 2);
  return before !== undefined && before.length <= error.name.length + 2 ? (frames ?? '') : '';
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
