import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The capabilities by id, in the order and words of the project's list of features. */
import { features } from './feature-list.ts';

interface Proof {
  file: string;
  title: string;
}

/** Tests name the features that they prove in brackets: it('[C1] [C2] replays ...'). */
function findProofs(root: string): Map<string, Proof[]> {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const proofs = new Map<string, Proof[]>();
  for (const file of listed.stdout
    .split('\n')
    .filter((name) => /\.test\.tsx?$/.test(name))
    .sort()) {
    for (const match of readFileSync(join(root, file), 'utf8').matchAll(
      /\b(?:it|test)(?:\.each\([^)]*\))?\(\s*['"`]([^'"`]*)['"`]/g,
    )) {
      const title = match[1] ?? '';
      for (const id of title.matchAll(/\[([A-F]\d{1,2})\]/g)) {
        const list = proofs.get(id[1] ?? '') ?? [];
        list.push({ file, title: title.replaceAll(/\[[A-F]\d{1,2}\]\s*/g, '') });
        proofs.set(id[1] ?? '', list);
      }
    }
  }
  return proofs;
}

/** docs/features.md: each capability and the tests that show it; without a test it is not done. */
export function renderFeatures(root: string): string {
  const proofs = findProofs(root);
  const lines = [
    '# Features',
    '',
    'Made by `npm run docs` from the tests: a feature counts as shown (in whole or in part, as the titles say) only',
    'when a test names its id. Tests under `tests/vm/` run in virtual machines, the others run the real tools.',
    '',
    '| id | capability | shown by |',
    '|---|---|---|',
  ];
  for (const [id, capability] of features) {
    const found = proofs.get(id) ?? [];
    const shown = found.map((proof) => `${proof.title.replaceAll('|', '\\|')} (\`${proof.file}\`)`).join('<br>');
    lines.push(`| ${id} | ${capability} | ${shown === '' ? 'not yet' : shown} |`);
  }
  return `${lines.join('\n')}\n`;
}
