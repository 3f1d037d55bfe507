import { formatBytes } from '../../../common/format.ts';
import type { BlockFacts } from '../facts.ts';
import { roomLeft, type Segment } from './segments.ts';
import { type Tone, toneOf } from './tones.ts';
import { contentWords, layerWords, partitionTypeWords, percent, usualName } from './words.ts';

/** A rectangle of the picture with its texts. Null tone: free room. */
export interface Block {
  sizeBytes: number;
  tone: Tone | null;
  /** Shown where nothing else fits: a partition's number. */
  number: string;
  title: string;
  /** Its line below the title, the longest first: whichever fits is shown. */
  details: readonly string[];
  /** Share in use from 0 to 1; null when unknown. */
  used: number | null;
  /** All of it, for a pointer that rests on it. */
  tip: string;
  /** What is built on it, drawn below it. */
  children: Block[];
}

/** What is drawn for a piece of a disk. */
export function blockOf(segment: Segment): Block {
  if (segment.kind === 'free') return freeBlock(segment.sizeBytes);
  if (segment.kind === 'whole') {
    const { block } = segment;
    return describe(block, { number: '', title: usualName(block) ?? contentWords(block) ?? 'in use, without a table' });
  }
  const { partition } = segment;
  const { block } = partition;
  const title = usualName(block) ?? partition.name ?? contentWords(block) ?? partitionTypeWords(partition) ?? 'unknown';
  return describe(block, { number: String(partition.number), title });
}

function describe(block: BlockFacts, { number, title }: { number: string; title: string }): Block {
  const size = formatBytes(block.sizeBytes);
  const words = contentWords(block);
  const details = words === null || words === title ? [size] : [`${words} · ${size}`, size];
  const used = block.usedBytes === null ? null : Math.min(1, block.usedBytes / Math.max(1, block.sizeBytes));
  const tip = [
    [number, block.name].filter((word) => word !== '').join(': '),
    title,
    details[0] ?? '',
    block.usedBytes === null ? '' : `${percent(block.usedBytes, block.sizeBytes)} used`,
  ];
  return {
    sizeBytes: block.sizeBytes,
    tone: toneOf(block.content),
    number,
    title,
    details,
    used,
    tip: tip.filter((word) => word !== '').join(', '),
    children: childrenOf(block),
  };
}

/** Devices built on a block; of a volume group that lies on it alone, the room left over as well. */
function childrenOf(block: BlockFacts): Block[] {
  const children = block.children.map((child) => {
    const name = usualName(child);
    if (name === null || name === 'swap')
      return describe(child, { number: '', title: `${layerWords(child)} ${child.name}` });
    const drawn = describe(child, { number: '', title: name });
    const [longest = ''] = drawn.details;
    return { ...drawn, details: [`${child.name} · ${longest}`, ...drawn.details] };
  });
  const left = roomLeft(block);
  return left === null ? children : [...children, freeBlock(left)];
}

function freeBlock(sizeBytes: number): Block {
  const size = formatBytes(sizeBytes);
  const nothing = { tone: null, number: '', used: null, children: [] };
  return { sizeBytes, ...nothing, title: 'free', details: [size], tip: `free, ${size}` };
}
