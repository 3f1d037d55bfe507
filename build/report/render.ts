import type { Facts } from './facts.ts';
import { renderDisks } from './page/disks.ts';
import { renderFileSystems } from './page/file-systems.ts';
import { renderHardware } from './page/hardware.ts';
import { renderHeader } from './page/header.ts';
import { html, trusted } from './page/html.ts';
import { renderNetwork } from './page/network.ts';
import { renderPackages } from './page/packages.ts';
import { dateWords } from './page/parts.ts';
import { style } from './page/style.ts';

/** Nothing is fetched, whatever a page may once come to hold. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

/**
 * The report as one HTML text, complete in itself: no scripts, nothing fetched, well-formed XML as well.
 * Pure: the same facts give the same text.
 */
export function renderReport(facts: Facts): string {
  const { hostname } = facts.system.machine;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${hostname}: what this machine is</title>
<style>${trusted(style)}</style>
</head>
<body>
${renderHeader(facts)}
<main>
${renderDisks(facts)}
${renderFileSystems(facts)}
${renderNetwork(facts)}
${renderHardware(facts)}
${renderPackages(facts)}
</main>
<footer><p>${hostname}, ${dateWords(facts.createdAt)}, set ${facts.set}. Sizes: 1 GB is 1,000,000,000 bytes. This page holds no passwords and no keys.</p></footer>
</body>
</html>
`.text;
}
