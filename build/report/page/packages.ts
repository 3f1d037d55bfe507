import { formatCount } from '../../../common/format.ts';
import type { Facts, PackageList } from '../facts.ts';
import { type Html, html } from './html.ts';
import { section, whenKnown } from './parts.ts';

export function renderPackages({ packages }: Facts): Html {
  return section('packages', 'Packages', whenKnown(packages, 'Packages', renderList));
}

/** Closed at first: thousands of lines; open before printing to have them on paper. */
function renderList({ tool, packages }: PackageList): Html {
  const usual = mostCommon(packages.map(({ architecture }) => architecture));
  const items = packages.map(({ name, version, architecture }) => {
    const foreign = ['', 'all', 'noarch', usual].includes(architecture) ? null : html` ${architecture}`;
    return html`<li>${name} <i>${version}${foreign}</i></li>\n`;
  });
  return html`<details><summary>${formatCount(packages.length)} packages, as ${tool} lists them</summary><ul class="packages">${items}</ul></details>`;
}

function mostCommon(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) if (word !== 'all' && word !== 'noarch') counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].toSorted((left, right) => right[1] - left[1])[0]?.[0] ?? '';
}
