import { readFileSync } from 'node:fs';
import { readStored } from '../../build/snapshots/store.ts';
import { create, createArgv, type Lab, Media, temporaries, traced } from './lab.ts';

const calls = 'write,pwrite64,writev,pwritev,copy_file_range,sendfile,fallocate,ftruncate,fsync,fdatasync';
const names =
  'rename,renameat,renameat2,link,linkat,symlink,mkdir,mkdirat,unlink,unlinkat,rmdir,chmod,fchmod,mount,umount2';
/** Long enough for us to hear of a call and kill its process before it is made. Microseconds. */
const pause = 1500;

/** By then a run has removed what earlier ones left: work folder, its proof, images' folder, store, folder in the store. */
const cleaned = 6;

/**
 * The calls of one run that change something in the lab, in order, from that on which makes its work folder; the run is killed
 * before number `killAt` of them. What it removes of earlier runs before does not count.
 */
export async function changesUntil(lab: Lab, killAt: number): Promise<{ changes: string[]; output: string }> {
  const changes: string[] = [];
  const set = `${calls},${names}`;
  let leader: number | null = null;
  const { output } = await traced(
    createArgv(lab),
    ['--seccomp-bpf', '-e', `trace=${set}`, '-e', `inject=${set}:delay_enter=${pause}`],
    (line, strace) => {
      const call = /^(?:\[pid +\d+\] )?(\w+)\(/.exec(line)?.[1];
      if (call === undefined || !(line.includes(`${lab.directory}/full/`) || line.includes('/run/rekindle-source-')))
        return;
      leader ??= Number(readFileSync(`/proc/${strace}/task/${strace}/children`, 'utf8').trim());
      if (
        changes.length === 0 &&
        !(call === 'mkdir' && new RegExp(`/\\.rekindle-[0-9a-f.]+\\.${leader}\\.`).test(line))
      )
        return;
      changes.push(call);
      if (changes.length === killAt) process.kill(leader, 'SIGKILL');
    },
  );
  return { changes, output };
}

/**
 * Kills a run before each of these changes in turn, the first being 1. After each: what `verify` accepts is complete, what killed
 * runs before this one left is gone, and only complete sets have snapshots. In the end a run that nobody kills: nothing is left.
 * @returns what was found to be wrong; empty: nothing
 */
export async function killAtEach(lab: Lab, points: readonly number[]): Promise<string[]> {
  const media = new Media(lab);
  const wrong: string[] = [];
  let left = new Set<string>();
  for (const point of points) {
    const note = (text: string): void => void wrong.push(`killed at ${point}: ${text}`);
    await changesUntil(lab, point);
    await media.accepted().catch((error: unknown) => note(String(error)));
    const now = temporaries(lab);
    if (point > cleaned) for (const name of now) if (left.has(name)) note(`${name} is left of an earlier run`);
    left = new Set(now);
    const stored = await readStored(lab.store).catch((error: unknown) => {
      note(String(error));
      return [];
    });
    for (const { set } of stored) if (!media.complete.has(set)) note(`${set} was never complete, and is a base`);
    if (/rekindle-source-/.test(readFileSync('/proc/self/mounts', 'utf8'))) note('something is mounted');
  }
  const output = await create(lab);
  if (!output.startsWith('result ')) wrong.push(`the run after: ${output}`);
  if ((await media.accepted()) === null) wrong.push(`the run after made no good set: ${await media.describe()}`);
  wrong.push(...temporaries(lab).map((name) => `${name} is left after all`));
  return wrong;
}
