import { writeSync } from 'node:fs';
import { RekindleError, renderReport, reportOf } from '../common/errors/error.ts';
import { goOnWithoutReader } from '../common/without-reader.ts';
import { exitCodes } from './exit-codes.ts';

/** What a shell says of a process that SIGPIPE ended, as it ends other tools whose reader went away. */
const readerGone = 141;

function endQuietly(error: NodeJS.ErrnoException): void {
  // EIO: a terminal that hung up.
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(readerGone);
  const report = reportOf(new RekindleError('RK233', `standard output: ${error.message}`));
  try {
    writeSync(process.stderr.fd, `rekindle: ${renderReport(report)}\n`);
  } catch {
    // Nobody is left to be told; the exit code remains.
  }
  process.exit(exitCodes.failed);
}

/** From the start: `list | head` ends when `head` does, without a word; messages that nobody reads are no reason to end. */
export function endWithoutReader(): void {
  goOnWithoutReader();
  process.stdout.on('error', endQuietly);
}

/** For `create`. */
export function goOnAfterAll(): void {
  process.stdout.off('error', endQuietly);
}
