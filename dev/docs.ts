// `npm run docs`: writes docs/errors.md and docs/features.md; `--check` fails when they are not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderErrors } from './docs/errors.ts';
import { renderFeatures } from './docs/features.ts';

const root = join(import.meta.dirname, '..');
const pages: Record<string, string> = {
  'docs/errors.md': renderErrors(),
  'docs/features.md': renderFeatures(root),
};

let stale = 0;
for (const [file, text] of Object.entries(pages)) {
  const path = join(root, file);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  } else if (readOr(path, '') !== text) {
    console.error(`${file} is not current: run "npm run docs" and commit it`);
    stale += 1;
  }
}
process.exit(stale === 0 ? 0 : 1);

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
