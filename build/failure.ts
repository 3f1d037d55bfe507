import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError } from '../common/errors/error.ts';
import { UncaughtError } from './stop.ts';

/** Of ours, of a tool's words, and of the signal that ends a tool beyond the limit. */
const tooLarge = /file too large|EFBIG|SIGXFSZ|file size limit/i;
const fullDisk = /no space left|ENOSPC|disk quota|exceeds free space|disc? full/i;

/**
 * What stopped `create`, in the user's terms: Ctrl-C (which the terminal sends to our tools too, so that one of them
 * may fail before we hear of it), a full disk or a
 * limit of files whichever tool met it, what a disk or file system refused, or the error itself.
 */
export async function describeFailure(error: unknown, signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await sleep(50);
  if (signal.aborted && signal.reason instanceof UncaughtError) return signal.reason.cause;
  if (signal.aborted) return new RekindleError('RK006', 'the work directory and the unfinished medium were removed');
  if (error instanceof RekindleError && ['RK211', 'RK226'].includes(error.code)) return error;
  const reason = error instanceof RekindleError ? error.reason : error instanceof Error ? error.message : '';
  const isOwn = error instanceof RekindleError && error.code !== 'RK003';
  if (!isOwn && tooLarge.test(reason)) return new RekindleError('RK226', reason, { cause: error });
  if (!isOwn && fullDisk.test(reason)) return new RekindleError('RK211', reason, { cause: error });
  return isSystemError(error) ? new RekindleError('RK232', reason, { cause: error }) : error;
}

/** A system call's refusal: EROFS, EIO, ESTALE. Node's own errors are called ERR_... */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code)) && 'errno' in error;
}

/** What could not be undone, as sentences. */
export function describeUnfinished(failures: readonly unknown[]): string[] {
  return failures.map((error) => {
    if (error instanceof RekindleError) return `${error.message} ${error.reason}`;
    return error instanceof Error ? error.message : String(error);
  });
}

/** The same error, and what could not be undone after it. */
export function withUnfinished(error: unknown, failures: readonly unknown[]): unknown {
  if (failures.length === 0) return error;
  const also = describeUnfinished(failures).map((text) => `\n  Also: ${text}`);
  if (error instanceof RekindleError)
    return new RekindleError(error.code, `${error.reason}${also.join('')}`, { hint: error.hint, cause: error });
  return new Error(`${error instanceof Error ? error.message : String(error)}${also.join('')}`, { cause: error });
}
