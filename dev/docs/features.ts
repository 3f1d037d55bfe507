import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The capabilities by id, in the order and words of the project's list of features. */
import { features } from './feature-list.ts';

interface Proof {
  file: string;
  title: string;
}

/** A word in any quotes, on one line. */
const quoted = /(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g;
const tag = /\[([A-F]\d{1,2})\]/g;

/** Tests, and groups of tests, name the features that they prove in brackets: '[C1] [C2] replays ...', 'xfs [C2]'. */
function findProofs(root: string): Map<string, Proof[]> {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.stdout.split('\n').filter((name) => /\.test\.tsx?$/.test(name));
  const proofs = new Map<string, Proof[]>();
  for (const file of files.sort())
    for (const [, , words = ''] of readFileSync(join(root, file), 'utf8').matchAll(quoted)) {
      const title = words.replaceAll(tag, '').replaceAll(/\\(.)/g, '$1').replaceAll(/\s+/g, ' ').trim();
      for (const [, id = ''] of words.matchAll(tag)) proofs.set(id, [...(proofs.get(id) ?? []), { file, title }]);
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
    'when a test, or a group of tests, names its id. Tests under `tests/vm/` run in virtual machines, the others run the real tools.',
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
