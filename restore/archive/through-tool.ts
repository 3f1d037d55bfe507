import type { Readable, Writable } from 'node:stream';
import { RekindleError } from '../../common/errors/error.ts';
import { lastWords } from '../../common/run.ts';
import { describeEnd, startTool } from './child.ts';
import { collectText } from './streams.ts';

/** A tool that runs, by what goes into it and comes out of it. */
export interface RunningTool {
  pid: number;
  input: Writable;
  output: Readable;
}

/**
 * Pipes something through a tool. It is ended when `use` fails, and on `signal`.
 * @param use ends the input, and reads the output to its end
 * @throws RekindleError RK004, RK008 when it cannot be started, RK003 with its words when it fails; what `use` and `signal` throw
 */
export async function throughTool(
  argv: readonly [string, ...string[]],
  { signal }: { signal?: AbortSignal | undefined },
  use: (tool: RunningTool) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const { child, ended } = startTool(argv, ['pipe', 'pipe', 'pipe']);
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  const words = collectText(child.stderr as Readable);
  let failure: unknown = null;
  try {
    await use({ pid: child.pid ?? 0, input: child.stdin as Writable, output: child.stdout as Readable });
  } catch (error) {
    failure = error;
    // Who stops reading first gets its own words, below.
    if (!isPipe(error)) stop();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  const end = await ended;
  signal?.throwIfAborted();
  if (failure !== null && !isPipe(failure)) throw failure;
  if (end.code !== 0) throw new RekindleError('RK003', `${describeEnd(argv[0], end)}: ${lastWords(words.text)}`);
  if (failure !== null) throw failure;
}

function isPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ERR_STREAM_DESTROYED';
}
