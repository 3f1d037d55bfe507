// Compares this package with the zstd program on a tar of this machine: node bench/compare.ts [TAR]
// Alternating, median of 5; wall-clock and processor seconds. A ratio above 1 means that the package needs less.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { decompressFrames, type FrameTable, fileSource, verifyFrames, writeAll, writeSeekable } from '../src/index.ts';

const runs = 5;
const tarSize = 800e6;

/** Seconds. */
interface Cost {
  wall: number;
  processor: number;
  /** What others took of the processors meanwhile: when it is much, the figures are worth little. */
  others: number;
}

function tarOfThisMachine(directory: string): string {
  const path = join(directory, 'mixed.tar');
  const tar = 'tar -C /usr -cf - bin include lib/python3 share lib 2>/dev/null';
  execFileSync('sh', ['-c', `${tar} | head -c ${tarSize} > "$1"`, 'sh', path]);
  return path;
}

/** Processor seconds of the whole machine since it started (proc_stat(5): user, nice, system, steal). */
function machineSeconds(): number {
  const ticks = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  return [0, 1, 2, 7].reduce((sum, column) => sum + (ticks[column] ?? 0), 0) / 100;
}

async function measure(action: () => Promise<number> | number): Promise<Cost> {
  const [machine, began] = [machineSeconds(), performance.now()];
  const processor = await action();
  const wall = (performance.now() - began) / 1e3;
  return { wall, processor, others: Math.max(0, machineSeconds() - machine - processor) };
}

async function ours(action: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** `times` tells what a shell's children took: its second line, as in '0m1.234s 0m0.120s'. */
function theirs(command: string, ...args: string[]): number {
  const { stdout, status } = spawnSync('bash', ['-c', `${command}; times`, 'bash', ...args], { encoding: 'utf8' });
  const seconds = [...(stdout.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  if (status !== 0 || seconds.length !== 2) throw new Error(`${command}: exit ${status}, ${stdout}`);
  return seconds.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
}

function median(costs: readonly Cost[], key: keyof Cost): number {
  return costs.map((cost) => cost[key]).sort((a, b) => a - b)[costs.length >>> 1] ?? Number.NaN;
}

async function compare(name: string, bytes: number, mine: () => Promise<unknown>, command: string, ...args: string[]) {
  const costs: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
  for (let run = 0; run < runs; run += 1) {
    costs.ours.push(await measure(() => ours(mine)));
    costs.theirs.push(await measure(() => theirs(command, ...args)));
  }
  const part = (key: keyof Cost): string => {
    const [a, b] = [median(costs.ours, key), median(costs.theirs, key)];
    return `${key} ${a.toFixed(2)} / ${b.toFixed(2)} s${key === 'others' ? '' : ` = ${(b / a).toFixed(2)}x`}`;
  };
  const speed = (bytes / 1e6 / median(costs.ours, 'wall')).toFixed(0);
  console.log(`${name.padEnd(36)} ${part('wall')}   ${part('processor')}   ${part('others')}   ${speed} MB/s`);
}

async function compress(input: Readable, path: string): Promise<FrameTable> {
  const output = createWriteStream(path);
  const { table } = await writeSeekable(input, output);
  output.end();
  await finished(output);
  return table;
}

async function decompress(path: string, table: FrameTable): Promise<void> {
  await using handle = await open(path);
  const output = createWriteStream('/dev/null');
  for await (const { data } of decompressFrames(await fileSource(handle), table)) await writeAll(output, data);
  output.end();
  await finished(output);
}

async function verify(path: string, table: FrameTable, content: boolean): Promise<void> {
  await using handle = await open(path);
  for await (const damage of verifyFrames(await fileSource(handle), table, { content }))
    throw new Error(`frame ${damage.index}: ${damage.detail}`);
}

const directory = mkdtempSync(join(tmpdir(), 'zstd-compare-'));
try {
  const tar = process.argv[2] ?? tarOfThisMachine(directory);
  const bytes = statSync(tar).size;
  const [seekable, plain] = [join(directory, 'seekable.zst'), join(directory, 'plain.zst')];
  const table = await compress(createReadStream(tar), seekable);
  execFileSync('zstd', ['-q', '-T0', '-3', tar, '-o', plain]);
  console.log(`${bytes} bytes: seekable ${statSync(seekable).size}, zstd -T0 -3 ${statSync(plain).size}`);
  const file = () => compress(createReadStream(tar), '/dev/null');
  const pipe = () => compress(spawn('cat', [tar], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout, '/dev/null');
  await compare('compress a file / zstd -T0 -3', bytes, file, 'zstd -q -T0 -3 -c "$1" > /dev/null', tar);
  await compare('compress a pipe / zstd -T0 -3', bytes, pipe, 'cat "$1" | zstd -q -T0 -3 -c > /dev/null', tar);
  const unpack = 'zstd -q -dc "$1" > /dev/null';
  await compare('decompress, frames verified / zstd -d', bytes, () => decompress(seekable, table), unpack, plain);
  const test = 'zstd -q -t "$1"';
  await compare('verify frames / zstd -t', bytes, () => verify(seekable, table, false), test, plain);
  await compare('verify frames and content / zstd -t', bytes, () => verify(seekable, table, true), test, plain);
  console.log(
    `peak ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB; load ${readFileSync('/proc/loadavg', 'utf8').trim()}`,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
