import { open } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import type { XfsContent } from './xfs.ts';

export interface XfsInfo {
  shape: Omit<XfsContent, 'kind' | 'uuid' | 'label' | 'features' | 'log' | 'quota'>;
  features: Record<string, number>;
  log: XfsContent['log'];
  /** 'internal log', 'external' */
  logName: string;
  /** 'none' */
  realtimeName: string;
}

/** Sizes and counts; all other words of the first section are features. */
const measures = new Set(['isize', 'agcount', 'agsize', 'sectsz', 'bsize', 'blocks', 'imaxpct', 'sunit', 'swidth']);

/**
 * Reads what xfs_info prints (xfs_info(8)): sections such as 'meta-data=', 'log =', each with words 'name=number'.
 * @throws RekindleError RK416 when a word is missing
 */
export function parseXfsInfo(text: string, device: string): XfsInfo {
  const sections = sectionsOf(text);
  const number = (section: string, word: string): number => {
    const value = sections.get(section)?.words[word];
    if (value === undefined) throw new RekindleError('RK416', `xfs_info ${device}: no "${word}" of ${section}`);
    return value;
  };
  const meta = sections.get('meta-data')?.words ?? {};
  const features = Object.fromEntries(Object.entries(meta).filter(([word]) => !measures.has(word)));
  for (const [section, word] of [
    ['naming', 'ascii-ci'],
    ['naming', 'ftype'],
    ['naming', 'parent'],
    ['log', 'lazy-count'],
  ] as const) {
    const value = sections.get(section)?.words[word];
    if (value !== undefined) features[word] = value;
  }
  return {
    shape: {
      blockBytes: number('data', 'bsize'),
      blockCount: number('data', 'blocks'),
      sectorBytes: number('meta-data', 'sectsz'),
      inodeBytes: number('meta-data', 'isize'),
      directoryBlockBytes: number('naming', 'bsize'),
      inodeMaxPercent: number('data', 'imaxpct'),
      groupBlocks: number('meta-data', 'agsize'),
      stripeUnitBlocks: number('data', 'sunit'),
      stripeWidthBlocks: number('data', 'swidth'),
    },
    features,
    log: {
      blocks: number('log', 'blocks'),
      version: number('log', 'version'),
      stripeUnitBlocks: number('log', 'sunit'),
    },
    logName: sections.get('log')?.name ?? '',
    realtimeName: sections.get('realtime')?.name ?? 'none',
  };
}

function sectionsOf(text: string): Map<string, { name: string; words: Record<string, number> }> {
  const sections = new Map<string, { name: string; words: Record<string, number> }>();
  let current = { name: '', words: {} as Record<string, number> };
  for (const line of text.split('\n')) {
    const head = /^([\w-]*)\s*=(.*)$/.exec(line);
    if (head === null) continue;
    const rest = head[2] ?? '';
    if (head[1]) {
      current = { name: (rest.split(/\s{2,}|\s(?=\w+=)/)[0] ?? '').trim(), words: {} };
      sections.set(head[1], current);
    }
    for (const [, word = '', value] of rest.matchAll(/([\w-]+)=(\d+)/g)) current.words[word] = Number(value);
  }
  return sections;
}

/** sb_qflags of the superblock (xfs_dsb in the kernel's xfs_format.h); xfs_info does not tell. */
export async function readQuotaFlags(device: string): Promise<number> {
  const file = await open(device, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.readUInt16BE(176);
  } finally {
    await file.close();
  }
}
