import { formatBytes } from '../../../common/format.ts';
import type { Facts, FileSystemFacts, SwapFacts } from '../facts.ts';
import { type Html, html, type Part } from './html.ts';
import { section, table, usage, whenKnown } from './parts.ts';

export function renderFileSystems({ fileSystems, swaps }: Facts): Html {
  return section(
    'file-systems',
    'File systems',
    whenKnown(fileSystems, 'Mounted file systems', renderMounts),
    whenKnown(swaps, 'Swap', renderSwaps),
  );
}

function renderMounts(mounts: readonly FileSystemFacts[]): Html {
  const columns = [
    { title: 'Mounted at', width: 26 },
    { title: 'From', width: 26 },
    { title: 'Type', width: 14 },
    { title: 'Size', width: 10, figures: true },
    { title: 'Used', width: 14, figures: true },
    { title: 'Available', width: 10, figures: true },
  ];
  const rows = mounts.map(({ mountPoint, source, type, options, usage: figures }): Part[] => [
    html`<strong>${mountPoint}</strong>`,
    source,
    [type, options.length === 0 ? null : html`<small>${options.join(', ')}</small>`],
    figures === null ? '' : formatBytes(figures.sizeBytes),
    figures === null ? html`<span class="quiet">no figures</span>` : usage(figures.usedBytes, figures.sizeBytes),
    figures === null ? '' : formatBytes(figures.availableBytes),
  ]);
  return table(columns, rows);
}

function renderSwaps(swaps: readonly SwapFacts[]): Html {
  if (swaps.length === 0) return html`<p>No swap in use.</p>`;
  const columns = [
    { title: 'Swap', width: 26 },
    { title: 'Kind', width: 40 },
    { title: 'Size', width: 10, figures: true },
    { title: 'Used', width: 14, figures: true },
  ];
  const rows = swaps.map(({ path, type, sizeBytes, usedBytes }) => [
    path,
    type,
    formatBytes(sizeBytes),
    formatBytes(usedBytes),
  ]);
  return table(columns, rows);
}
