import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ownerOf } from '../../build/process-mark.ts';
import { markPattern } from '../../common/mark-pattern.ts';
import { run } from '../../common/run.ts';
import { accessAtHand } from '../../restore/archive/open-archive.ts';
import { openSet } from '../../restore/archive/open-set.ts';
import { isoStores } from '../../restore/archive/store/iso.ts';
import { describeDamageOf, verifySet } from '../../restore/archive/verify-set.ts';

/** A machine with one small file system, a folder for the media and one for snapshots, in memory. */
export interface Lab {
  directory: string;
  source: string;
  media: string;
  store: string;
  /** create-child.ts, or what was named instead, in one file: it starts in a fifth of the time. */
  script: string;
}

/** Boot files and half a MiB of archive fit onto the first volume besides its first frame, the rest onto the second. */
const volumeSize = 22_100_000;

export async function makeLab(entry = join(import.meta.dirname, 'create-child.ts')): Promise<Lab> {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-faults-'));
  const [source, media, store] = ['source', 'full/media', 'full/store'].map((name) => join(directory, name));
  if (!source || !media || !store) throw new Error('three names make three paths');
  for (const each of [source, join(directory, 'full'), join(directory, 'rescue')]) mkdirSync(each);
  await run(['mount', '-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', source]);
  await run(['mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', join(directory, 'full')]);
  for (const each of [media, store, join(source, 'folder')]) mkdirSync(each);
  writeFileSync(join(source, 'data'), randomBytes(6_000_000));
  writeFileSync(join(source, 'folder/file'), 'content');
  symlinkSync('file', join(source, 'folder/link'));
  for (const name of ['vmlinuz', 'initrd.img', 'rd-base.squashfs'])
    writeFileSync(join(directory, 'rescue', name), randomBytes(20_000));
  const script = join(directory, 'create-child.mjs');
  await build({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as require_ } from 'node:module'; const require = require_(import.meta.url);",
    },
  });
  return { directory, source, media, store, script };
}

export async function removeLab({ directory }: Lab): Promise<void> {
  for (const name of ['source', 'full']) await run(['umount', join(directory, name)], { okExit: [0, 32] });
  await rm(directory, { recursive: true, force: true });
}

/** The command that makes m-1.iso and m-2.iso. */
export function createArgv({ directory, source, media, store, script }: Lab): [string, ...string[]] {
  const words = [source, join(media, 'm.iso'), store, join(directory, 'rescue'), String(volumeSize)];
  return [process.execPath, '--disable-warning=ExperimentalWarning', script, ...words];
}

export async function create(lab: Lab): Promise<string> {
  return (await run(createArgv(lab), { okExit: [0, 1], env: { LC_ALL: 'C.UTF-8' } })).stdout;
}

/** A file's identity: another one under the same name has another. */
function identityOf(file: string): string {
  const { ino, size, mtimeNs } = statSync(file, { bigint: true });
  return `${file} ${ino} ${size} ${mtimeNs}`;
}

/** Looks at what is under final names, and remembers which sets were complete. */
export class Media {
  readonly #lab: Lab;
  readonly complete = new Set<string>();
  #known = '';

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Of the set that `verify` accepts: that all is in it; null when it accepts none. @throws when a set is accepted that lacks something */
  async accepted(): Promise<string | null> {
    const { media, source } = this.#lab;
    const names = readdirSync(media).filter((name) => name.endsWith('.iso'));
    const files = names.toSorted().map((name) => join(media, name));
    const identity = files.map(identityOf).join('\n');
    if (identity === this.#known) return [...this.complete].at(-1) ?? null;
    const set = await openAll(files).catch(() => null);
    if (!set) return null;
    const access = accessAtHand(set);
    const damage = await verifySet(access).catch((error: unknown) => [String(error)]);
    if (damage.length > 0) return null;
    await assertSameFiles(set.volumes.size, files, set.info.set, source);
    this.#known = identity;
    this.complete.add(set.info.set);
    return set.info.set;
  }

  async describe(): Promise<string> {
    const files = readdirSync(this.#lab.media).map((name) => join(this.#lab.media, name));
    const set = await openAll(files);
    return (await verifySet(accessAtHand(set))).map(describeDamageOf).join('; ');
  }
}

async function openAll(files: readonly string[]) {
  const stores = await Promise.all(files.map(async (file) => [...(await isoStores(file)).values()]));
  return openSet(stores.flat());
}

/** With standard tools: what the volumes hold is the source, whole. */
async function assertSameFiles(volumes: number, files: readonly string[], set: string, source: string): Promise<void> {
  if (volumes !== 2) throw new Error(`the set has ${volumes} volumes, not 2`);
  const work = await mkdtemp(join(tmpdir(), 'rekindle-faults-out-'));
  try {
    for (const file of files) await run(['xorriso', '-osirrox', 'on', '-indev', file, '-extract', '/rekindle', work]);
    const script =
      'mkdir out; cat "$0"/archives/*.tar.zst "$0"/archives/*.part2 | zstd -dcq | tar -x -C out; diff -r --no-dereference "$1" out';
    execFileSync('bash', ['-ec', `set -o pipefail; ${script}`, set, source], { cwd: work, stdio: 'pipe' });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Names that a run leaves while it works, with the mark of its process. */
export function temporaries({ media, store }: Lab): string[] {
  return [
    ...readdirSync(media).filter((name) => !/^m-\d\.iso$/.test(name)),
    ...readdirSync(store).filter((name) => !/^[0-9a-f-]{36}$/.test(name)),
    // Others may be at work on this machine.
    ...readdirSync('/run').filter((name) => {
      const mark = new RegExp(`^rekindle-source-${markPattern}-`).exec(name)?.[1];
      return mark !== undefined && ownerOf(mark) === 'gone';
    }),
  ];
}

/**
 * Runs a command under strace; `onLine` gets each line when its call is about to be made, and the process number of strace.
 * With one thread for files, a run makes its calls in the same order each time.
 */
export async function traced(
  argv: readonly string[],
  options: readonly string[],
  onLine: (line: string, strace: number) => void = () => undefined,
): Promise<{ output: string }> {
  const child = spawn('strace', ['-f', '-y', '-qq', '-s', '0', ...options, ...argv], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  let rest = '';
  let seen = false;
  child.stderr.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    for (let end = 0; end >= 0; ) {
      end = rest.indexOf('\n');
      const line = end < 0 ? rest : rest.slice(0, end);
      // strace writes the begin of a line before the call is made, and its end afterwards.
      if (!seen && (end >= 0 || line.includes('('))) onLine(line, child.pid ?? 0);
      seen = end < 0 && line.includes('(');
      if (end >= 0) rest = rest.slice(end + 1);
    }
  });
  await once(child, 'close');
  return { output };
}
