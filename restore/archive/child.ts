import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { commandStarted } from '../../common/commands-run.ts';
import { cleanEnvironment } from '../../common/run.ts';
import { startFailure } from '../../common/start-failure.ts';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Starts a tool of a pipeline. `ended` never rejects for an exit code: every one is looked at by the caller. It rejects when the tool
 * cannot be started at all: RekindleError RK004 when it is not there, RK008.
 */
export function startTool(
  argv: readonly [string, ...string[]],
  stdio: SpawnOptions['stdio'],
): { child: ChildProcess; ended: Promise<Ended> } {
  const [file, ...args] = argv;
  const finished = commandStarted(argv);
  const child = spawn(file, args, { stdio, env: cleanEnvironment });
  const ended = new Promise<Ended>((resolve) => {
    child.on('error', (error) => {
      finished('code' in error ? String(error.code) : error.message);
      // Settled by it, not by the 'close' that follows.
      resolve(startFailure(error, { argv }).then((reason) => Promise.reject(reason)));
    });
    child.on('close', (code, signal) => {
      finished(signal ?? `exit ${code}`);
      resolve({ code, signal });
    });
  });
  ended.catch(() => undefined); // looked at later, together with the others
  return { child, ended };
}

export function describeEnd(name: string, { code, signal }: Ended): string {
  return signal ? `${name} was ended by ${signal}` : `${name} exit ${code}`;
}
