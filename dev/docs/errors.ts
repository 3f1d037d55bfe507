import { catalogue, type ErrorEntry } from '../../common/errors/catalogue.ts';

const chapters: Record<string, string> = {
  RK0: 'Anywhere',
  RK1: 'While the medium boots',
  RK2: 'While saving',
  RK3: 'The recovery set',
  RK4: 'While restoring',
};

/** docs/errors.md from the catalogue. */
export function renderErrors(): string {
  const entries: [string, ErrorEntry][] = Object.entries(catalogue);
  const lines = [
    '# Error codes',
    '',
    'Every message of Rekindle ends in a code in brackets. This page is made from the catalogue in `common/errors/`',
    'by `npm run docs`. The cause with its names and numbers stands in the message itself.',
  ];
  for (const [prefix, title] of Object.entries(chapters)) {
    lines.push('', `## ${title}`, '', '| code | what happened | what to do next |', '|---|---|---|');
    for (const [code, entry] of entries
      .filter(([code]) => code.startsWith(prefix))
      .sort(([a], [b]) => a.localeCompare(b)))
      lines.push(`| ${code} | ${entry.title} | ${entry.hint.replaceAll('|', '\\|')} |`);
  }
  return `${lines.join('\n')}\n`;
}
