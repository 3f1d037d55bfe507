// `npm run lint`: biome, then the rules that biome does not know: import directions, file length, forbidden text.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importProblems } from './lint/imports.ts';
import { outputProblems } from './lint/output.ts';
import { programProblems } from './lint/programs.ts';
import { textProblems } from './lint/text.ts';

const root = join(import.meta.dirname, '..');
const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const files = listed.stdout.split('\n').filter((file) => file !== '');

const biome = spawnSync('node_modules/@biomejs/cli-linux-x64/biome', ['check', '--error-on-warnings', '.'], {
  cwd: root,
  stdio: 'inherit',
});
const problems: string[] = [];
for (const file of files) {
  let text: string;
  try {
    text = readFileSync(join(root, file), 'utf8');
  } catch {
    continue; // deleted, but not yet from the index
  }
  if (/\.tsx?$/.test(file))
    problems.push(...importProblems(file, text), ...outputProblems(file, text), ...programProblems(file, text));
  problems.push(...textProblems(file, text));
}
for (const problem of problems) console.error(problem);
process.exit(biome.status === 0 && problems.length === 0 ? 0 : 1);
