// `npm run build`: TypeScript -> one ESM bundle -> a Node single executable, dist/rekindle.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './esbuild.ts';
import { makeExecutable } from './sea.ts';

const root = join(import.meta.dirname, '../..');
const output = join(root, 'dist');
await mkdir(output, { recursive: true });
await bundle(root, join(output, 'rekindle.mjs'));
await makeExecutable({ root, bundle: join(output, 'rekindle.mjs'), output: join(output, 'rekindle') });
