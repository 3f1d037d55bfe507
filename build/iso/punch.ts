import { readdir, readFile, readlink, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../common/run.ts';

const intervalMs = 250;
/** What a reader may still hold unread in its own buffers, with a wide margin. */
const margin = 32 << 20;
const block = 1 << 20;

/** Position of each file that a process has open, from /proc/PID/fdinfo. */
async function readPositions(pid: number, wanted: ReadonlySet<string>): Promise<Map<string, number>> {
  const positions = new Map<string, number>();
  const numbers = await readdir(`/proc/${pid}/fd`).catch((): string[] => []);
  for (const number of numbers) {
    const path = await readlink(`/proc/${pid}/fd/${number}`).catch(() => '');
    if (!wanted.has(path)) continue;
    const text = await readFile(`/proc/${pid}/fdinfo/${number}`, 'utf8').catch(() => '');
    positions.set(path, Number(/^pos:\s+(\d+)/m.exec(text)?.[1] ?? 0));
  }
  return positions;
}

/**
 * Gives back the space of files while another process reads them once, from beginning to end: what was read is
 * punched out. So the archives never lie on the disk twice. Only for files that are removed afterwards in any case.
 * A file system that cannot punch holes keeps its space; nothing else changes.
 */
export function freeWhileRead(pid: number, files: readonly string[]): { stop(): Promise<void> } {
  const wanted = new Set(files);
  const punched = new Map<string, number>();
  let stopping = false;
  let supported = true;
  const loop = async (): Promise<void> => {
    while (!stopping && supported) {
      for (const [file, position] of await readPositions(pid, wanted)) {
        const from = punched.get(file) ?? 0;
        const to = Math.floor((position - margin) / block) * block;
        if (to <= from) continue;
        supported &&= await punch(file, from, to - from);
        punched.set(file, to);
      }
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping = true;
      await running;
    },
  };
}

/** Destroys the content of that range. Gives whether the file system can do that. */
async function punch(file: string, offset: number, length: number): Promise<boolean> {
  const argv = ['fallocate', '--punch-hole', '--offset', String(offset), '--length', String(length), file] as const;
  return (await run(argv as unknown as [string, ...string[]], { okExit: [0, 1] })).exitCode === 0;
}

/** File systems known to punch holes, by the magic number of statfs(2): ext, xfs, btrfs, tmpfs. */
const magics = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994]);

/** Whether the file system of a directory gives space back that way. */
export async function canPunch(directory: string): Promise<boolean> {
  return magics.has((await statfs(join(directory))).type);
}
