// `npm run bench [-- --json FILE] [-- --no-vm]`: our figures beside what a user would pick instead, in one run.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Figure, renderFigures } from './figure.ts';
import { measureMedium } from './medium.ts';
import { measureThroughput } from './throughput.ts';

const root = join(import.meta.dirname, '../..');
const words = process.argv.slice(2);
const jsonFile = words.includes('--json') ? words[words.indexOf('--json') + 1] : undefined;

if (spawnSync(process.execPath, ['build/bundle/main.ts'], { cwd: root, stdio: 'inherit' }).status !== 0)
  process.exit(1);
const figures: Figure[] = await measureThroughput();
if (!words.includes('--no-vm')) figures.push(...(await measureMedium()));
console.log(
  `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 1e9)} GB of memory; ratios above 1 are in our favour`,
);
console.log(renderFigures(figures));
if (jsonFile) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
