import { formatBytes, formatCount } from '../../../common/format.ts';
import type { BlockFacts, DiskFacts, Facts, PartitionFacts } from '../facts.ts';
import { drawDisk } from '../picture/draw.ts';
import { roomLeft, type Segment, segmentsOf } from '../picture/segments.ts';
import { type Tone, tones } from '../picture/tones.ts';
import { contentWords, layerWords, partitionTypeWords } from '../picture/words.ts';
import { type Html, html, type Part } from './html.ts';
import { section, table, usage, whenKnown } from './parts.ts';

export function renderDisks({ disks, holdsBackup }: Facts): Html {
  const content = whenKnown(disks, 'Disks', (known) =>
    known.length === 0
      ? html`<p>This machine has no disks.</p>`
      : html`${legend()}${known.map((disk) => renderDisk(disk, holdsBackup))}`,
  );
  return section('disks', 'Disks', content);
}

function legend(): Html {
  const all: Tone[] = Object.values(tones);
  const swatch = (fill: string): Html =>
    html`<svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" fill="${fill}"/></svg>`;
  const free = html`<svg width="14" height="14" aria-hidden="true"><rect x="0.5" y="0.5" width="13" height="13" fill="#fff" stroke="#8a96a3" stroke-dasharray="3 2"/></svg>`;
  return html`<p class="legend">${all.map((tone) => html`<span>${swatch(tone.strong)} ${tone.name}</span> `)}<span>${free} free</span> <span>${swatch(tones.linux.used)} shaded: in use</span> <span class="quiet">Very small pieces are drawn wider than they are.</span></p>\n`;
}

function renderDisk(disk: DiskFacts, holdsBackup: boolean): Html {
  const { block } = disk;
  const saved = disk.saved
    ? html`<span class="tag in">in this backup</span>`
    : html`<span class="tag out">not in this backup</span>`;
  const heading = html`<h3>${block.name} ${holdsBackup ? saved : null}</h3>`;
  const size = html`<strong>${formatBytes(block.sizeBytes)}</strong>`;
  const words = wordsOf(disk).map((word) => html` <span class="dot">·</span> <span class="whole">${word}</span>`);
  return html`<article class="disk"><div class="figure">${heading}<p class="about">${size}${words}</p>\n${drawDisk(disk)}</div>\n${renderTable(disk)}</article>\n`;
}

const transports: Record<string, string> = { nvme: 'NVMe', virtio: 'virtio', iscsi: 'iSCSI', fc: 'Fibre Channel' };

function wordsOf(disk: DiskFacts): string[] {
  const kind = disk.rotational === null ? 'disk' : disk.rotational ? 'hard disk' : 'SSD';
  const { transport } = disk;
  return [
    disk.model ?? 'no model name',
    disk.serial === null ? 'no serial number' : `serial ${disk.serial}`,
    `${transport === null ? '' : `${transports[transport] ?? transport.toUpperCase()} `}${disk.removable ? 'removable ' : ''}${kind}`,
    disk.table === null ? 'no partition table' : `${disk.table === 'dos' ? 'MBR' : disk.table.toUpperCase()} table`,
    `${disk.logicalSectorBytes}-byte sectors`,
    ...(disk.wwn === null ? [] : [`WWN ${disk.wwn}`]),
  ];
}

const columns = [
  { title: 'Device', width: 15 },
  { title: 'Holds', width: 29 },
  { title: 'Mounted at', width: 15 },
  { title: 'Size', width: 9, figures: true },
  { title: 'Used', width: 12, figures: true },
  { title: 'In bytes', width: 20, figures: true },
];

/** Everything the picture shows, with exact figures. */
function renderTable(disk: DiskFacts): Html {
  const frames = disk.partitions.filter(({ extended }) => extended);
  const rows = segmentsOf(disk).flatMap((segment, index, all) => {
    const frame = frames.find(({ number }) => isFirstInside(segment, all[index - 1], number));
    return [...(frame ? partitionRows(frame) : []), ...segmentRows(segment)];
  });
  // A frame without any logical partition or room in it has no segment.
  const shown = new Set(segmentsOf(disk).map((segment) => (segment.kind === 'whole' ? null : segment.inside)));
  const empty = frames.filter(({ number }) => !shown.has(number)).flatMap(partitionRows);
  return table(columns, [...rows, ...empty]);
}

function isFirstInside(segment: Segment, before: Segment | undefined, frame: number): boolean {
  const insideOf = (each: Segment | undefined): number | null =>
    each === undefined || each.kind === 'whole' ? null : each.inside;
  return insideOf(segment) === frame && insideOf(before) !== frame;
}

function segmentRows(segment: Segment): Part[][] {
  if (segment.kind === 'partition') return partitionRows(segment.partition);
  if (segment.kind === 'whole') return blockRows(segment.block, { indent: 0 });
  return [freeRow(html`free`, segment.sizeBytes, exactly(segment.startBytes, segment.sizeBytes))];
}

function freeRow(name: Html, sizeBytes: number, exact: Html): Part[] {
  return [html`<span class="quiet">${name}</span>`, '', '', formatBytes(sizeBytes), '', exact];
}

function partitionRows(partition: PartitionFacts): Part[][] {
  const { block, startBytes, number, name, extended } = partition;
  const type = extended ? 'extended partition' : partitionTypeWords(partition);
  const notes = [
    block.content === null ? null : type,
    name === null ? null : `named “${name}”`,
    partition.bootable ? 'bootable' : null,
  ];
  return blockRows(block, {
    indent: 0,
    number,
    exact: exactly(startBytes, block.sizeBytes),
    instead: type,
    notes: notes.filter((note) => note !== null),
  });
}

interface Place {
  indent: number;
  number?: number;
  exact?: Html;
  /** What is said where no content was recognised. */
  instead?: string | null;
  notes?: readonly string[];
}

function blockRows(block: BlockFacts, { indent, number, exact, instead = null, notes = [] }: Place): Part[][] {
  const also = block.alsoOn.length === 0 ? [] : [`also on ${block.alsoOn.join(', ')}`];
  const small = [...(indent === 0 ? [] : [layerWords(block)]), ...notes, ...also].join(', ');
  const mounts = block.mounts.map((at) => html`<div>${at}</div>`);
  const row: Part[] = [
    html`${number === undefined ? null : html`<b>${number}</b> `}${arrow(indent)}${block.name}`,
    [holds(block, instead), small === '' ? null : html`<small>${small}</small>`],
    mounts.length > 0 ? mounts : block.swap ? 'swap in use' : '',
    formatBytes(block.sizeBytes),
    usage(block.usedBytes, block.sizeBytes),
    exact ?? exactly(null, block.sizeBytes),
  ];
  const left = roomLeft(block);
  const free = left === null ? [] : [freeRow(html`${arrow(indent + 1)}free`, left, exactly(null, left))];
  return [row, ...block.children.flatMap((child) => blockRows(child, { indent: indent + 1 })), ...free];
}

function arrow(indent: number): Html {
  return indent === 0 ? html`` : html`<span class="on">${'\u00a0'.repeat(3 * (indent - 1))}└ </span>`;
}

function holds(block: BlockFacts, instead: string | null): Html {
  const words = contentWords(block) ?? instead;
  const label = block.label ? html` “${block.label}”` : null;
  const uuid = block.uuid === null ? null : html`<small class="id">${block.uuid}</small>`;
  const warning =
    block.notSaved === null ? null : html`<small class="warn">not in the backup: ${block.notSaved}</small>`;
  return html`${words ?? html`<span class="quiet">nothing known</span>`}${label}${uuid}${warning}`;
}

function exactly(startBytes: number | null, sizeBytes: number): Html {
  const from = startBytes === null ? null : html`from ${formatCount(startBytes)}<br/>`;
  return html`<small>${from}size ${formatCount(sizeBytes)}</small>`;
}
