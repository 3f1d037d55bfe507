import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { executableFlags } from '../../build/bundle/sea.ts';

const pageBytes = 4096;
const everyMs = 50;

/** A process and all that came of it; threads are no processes of their own. */
function treeOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return [pid, ...children.flatMap((child) => treeOf(Number(child)))];
  } catch {
    return [];
  }
}

/** Resident bytes (proc(5), statm); shared pages count for each process that has them. */
function residentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes;
  } catch {
    return 0;
  }
}

export interface Measured {
  /** Last line of its output, as JSON. */
  result: Record<string, unknown>;
  seconds: number;
  /** Of the whole tree, bytes. */
  peakBytes: number;
}

/** Runs a script of Node as the executable runs, and looks at the memory of its process tree all the time. @throws Error when it ends badly */
export async function measureTree(script: string, words: readonly string[]): Promise<Measured> {
  const started = process.hrtime.bigint();
  const argv = [...executableFlags, script, ...words];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  let peakBytes = 0;
  const look = (): void => {
    const bytes = treeOf(child.pid ?? 0).reduce((sum, pid) => sum + residentOf(pid), 0);
    peakBytes = Math.max(peakBytes, bytes);
  };
  const timer = setInterval(look, everyMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  return { result: JSON.parse(output.trim().split('\n').at(-1) ?? '{}'), seconds, peakBytes };
}
