import type { DiskFacts } from '../facts.ts';
import { type Html, html } from '../page/html.ts';
import { type Block, blockOf } from './blocks.ts';
import { cutToWidth, fits, tiers } from './fit.ts';
import { type Segment, segmentsOf, sizeOf } from './segments.ts';
import { sharesOf } from './shares.ts';

/** Pixels from top to bottom; to the right all is in per cent, so that texts keep their size on any screen. */
const bar = { height: 68, layerHeight: 48, gap: 4, bracket: 20, stripe: 7, padding: 8 };
/** Of the disk's width: a partition that is smaller is drawn as wide as this. */
const leastShare = 0.025;

/** A disk as a bar: its partitions and gaps in proportion, what is built on them in rows below. */
export function drawDisk(disk: DiskFacts): Html {
  const segments = segmentsOf(disk);
  const blocks = segments.map(blockOf);
  const shares = sharesOf(segments.map(sizeOf), leastShare);
  const brackets = drawBrackets(segments, shares);
  const top = brackets.length > 0 ? bar.bracket : 0;
  const depth = Math.max(0, ...blocks.map(depthOf));
  const height = top + bar.height + depth * (bar.layerHeight + bar.gap);
  const label = `${disk.block.name}: ${blocks.map(({ tip }) => tip).join('; ')}`;
  return html`<svg class="bar" role="img" aria-label="${label}" width="100%" height="${height}">${brackets}${drawRow(blocks, shares, { y: top, height: bar.height, total: 1 })}</svg>`;
}

function depthOf({ children }: Block): number {
  return children.length === 0 ? 0 : 1 + Math.max(...children.map(depthOf));
}

interface Row {
  y: number;
  height: number;
  /** Share of the disk's width that the row has. */
  total: number;
}

function drawRow(blocks: readonly Block[], shares: readonly number[], row: Row): Html[] {
  let left = 0;
  return blocks.map((block, index) => {
    const share = shares[index] ?? 0;
    const drawn = html`<svg x="${perCent(left)}" y="${row.y}" width="${perCent(share)}" height="100%">${drawBlock(block, row.height, share * row.total)}</svg>`;
    left += share;
    return drawn;
  });
}

/** @param share of the disk's width */
function drawBlock(block: Block, height: number, share: number): Html {
  const { tone, used, children } = block;
  const shape =
    tone === null
      ? html`<rect width="100%" height="${height}" fill="#fff"/>${[1, height - 1].map((y) => html`<line x2="100%" y1="${y}" y2="${y}" stroke="#8a96a3" stroke-dasharray="5 4"/>`)}<line x1="0.5" x2="0.5" y2="${height}" stroke="#8a96a3" stroke-dasharray="5 4"/>`
      : html`<rect width="100%" height="${height}" fill="${tone.light}"/>${used === null ? null : html`<rect width="${perCent(used)}" height="${height}" fill="${tone.used}"/>`}<rect width="100%" height="${bar.stripe}" fill="${tone.strong}"/>`;
  const below: Row = { y: height + bar.gap, height: bar.layerHeight, total: share };
  const sizes = children.map(({ sizeBytes }) => sizeBytes);
  // Children smaller than what they lie on leave the rest of its width empty.
  const rest = Math.max(0, block.sizeBytes - sizes.reduce((sum, size) => sum + size, 0));
  const shares = sharesOf(
    [...sizes, ...(rest > block.sizeBytes / 50 ? [rest] : [])],
    Math.min(0.5, leastShare / share),
  );
  return html`<g><title>${block.tip}</title>${shape}<rect x="100%" width="2" height="${height}" transform="translate(-2 0)" fill="#fff"/>${drawTexts(share, (pixels) => linesOf(block, height, pixels))}</g>${drawRow(children, shares, below)}`;
}

/** Texts for each width of the bar; those that are the same are written once. @param share of the bar's width */
function drawTexts(share: number, draw: (widthPixels: number) => Html[]): Html[] {
  const sets = new Map<string, { lines: Html[]; names: string[] }>();
  for (const { name, widthPixels } of tiers) {
    const lines = draw(share * widthPixels);
    const key = lines.map(({ text }) => text).join('');
    const set = sets.get(key) ?? { lines, names: [] };
    set.names.push(name);
    sets.set(key, set);
  }
  return [...sets.values()].flatMap(({ lines, names }) =>
    lines.length === 0 ? [] : [html`<g class="t ${names.join(' ')}">${lines}</g>`],
  );
}

function linesOf(block: Block, height: number, widthPixels: number): Html[] {
  const { number, title, details, used } = block;
  const room = widthPixels - 2 * bar.padding;
  const heading = cutToWidth([number, title].filter((word) => word !== '').join('  '), room, 'bold');
  if (heading === '') {
    if (number === '') return [];
    return [html`<text class="n" x="50%" y="${height / 2 + 8}" text-anchor="middle">${number}</text>`];
  }
  const tall = height > bar.layerHeight;
  const usage = tall && used !== null ? [`${usedWords(used)} used`, usedWords(used)] : [];
  const smaller = [details, usage].map((line) => line.find((words) => fits(words, room, 'plain')));
  const first = bar.stripe + 17;
  return [
    html`<text class="n" x="${bar.padding}" y="${first}">${heading}</text>`,
    ...smaller
      .filter((line) => line !== undefined)
      .map((line, at) => html`<text x="${bar.padding}" y="${first + (at + 1) * (tall ? 17 : 15)}">${line}</text>`),
  ];
}

function usedWords(used: number): string {
  return used > 0 && used < 0.01 ? '<1%' : `${Math.round(used * 100)}%`;
}

/** A line over the logical partitions of an MBR table, with the number of the extended partition that holds them. */
function drawBrackets(segments: readonly Segment[], shares: readonly number[]): Html[] {
  const spans = new Map<number, { left: number; width: number }>();
  let left = 0;
  for (const [index, segment] of segments.entries()) {
    const share = shares[index] ?? 0;
    if (segment.kind !== 'whole' && segment.inside !== null) {
      const span = spans.get(segment.inside) ?? { left, width: 0 };
      spans.set(segment.inside, { left: span.left, width: span.width + share });
    }
    left += share;
  }
  return [...spans].map(([number, span]) => {
    const words = [`extended partition ${number}`, `extended ${number}`, String(number)];
    const texts = drawTexts(span.width, (pixels) => {
      const text = words.find((each) => fits(each, pixels, 'plain'));
      return text === undefined ? [] : [html`<text class="s" x="2" y="10">${text}</text>`];
    });
    return html`<svg x="${perCent(span.left)}" width="${perCent(span.width)}" height="${bar.bracket}"><path d="M1 ${bar.bracket} V14 H4000" fill="none" stroke="#69737f"/>${texts}</svg>`;
  });
}

function perCent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}
