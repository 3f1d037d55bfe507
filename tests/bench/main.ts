// `npm run bench [-- --json FILE] [-- --no-vm] [-- --small] [-- --runs N] [-- --scale]`: our figures beside what a user would
// pick instead, in one run. --small: 1 GB instead of 10 for `extract`. --scale: memory and pace of 64 GiB, a million frames and
// five million members too, which takes an hour. --against CHECKOUT: this checkout beside an earlier one instead.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { measureAgainst } from './against.ts';
import { measureExtract } from './extract.ts';
import { type Figure, renderFigures } from './figure.ts';
import { measureMedium } from './medium.ts';
import { measureScale } from './scale.ts';
import { measureThroughput } from './throughput.ts';

const root = join(import.meta.dirname, '../..');
const words = process.argv.slice(2);
const wordAfter = (name: string): string | undefined =>
  words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
const jsonFile = wordAfter('--json');
const runs = Number(wordAfter('--runs') ?? 5);

if (spawnSync(process.execPath, ['build/bundle/main.ts'], { cwd: root, stdio: 'inherit' }).status !== 0)
  process.exit(1);
const other = wordAfter('--against');
const figures: Figure[] = await (other === undefined ? measureBesideOthers() : measureAgainst(other, runs));
console.log(
  `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 1e9)} GB of memory; ratios above 1 are in our favour`,
);
console.log(renderFigures(figures));
if (jsonFile) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);

async function measureBesideOthers(): Promise<Figure[]> {
  const found = await measureThroughput(runs);
  found.push(...(await measureExtract(root, runs, words.includes('--small') ? 1 : 10)));
  if (words.includes('--scale')) found.push(...(await measureScale()));
  if (!words.includes('--no-vm')) found.push(...(await measureMedium()));
  return found;
}
