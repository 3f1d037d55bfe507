// `npm run build`: TypeScript -> one ESM bundle -> a Node single executable, dist/rekindle, with what travels beside it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrebuiltSegment } from '../rescue/segment.ts';
import { bundle } from './esbuild.ts';
import { renderLicences } from './licences.ts';
import { makeExecutable } from './sea.ts';

/** Made once here, so that `create` need not pack 120 MB again on each machine; above this zstd gains little. */
const segmentLevel = 9;

const root = join(import.meta.dirname, '../..');
const output = join(root, 'dist');
const executable = join(output, 'rekindle');
await mkdir(output, { recursive: true });
const inputs = await bundle(root, join(output, 'rekindle.cjs'));
const licences = join(output, 'lib/rekindle/LICENCES.txt');
await mkdir(join(output, 'lib/rekindle'), { recursive: true });
await writeFile(licences, await renderLicences(root, inputs));
await makeExecutable({ root, bundle: join(output, 'rekindle.cjs'), licences, output: executable });
await writePrebuiltSegment(executable, segmentLevel);
