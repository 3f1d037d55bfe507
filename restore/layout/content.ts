import { btrfs } from './btrfs.ts';
import { ext } from './ext.ts';
import { f2fs } from './f2fs.ts';
import type { ContentLayer, ContentPlan, Peer } from './layer.ts';
import type { Probe } from './probe.ts';
import { raw } from './raw.ts';
import type { Resizer } from './resizer.ts';
import type { Content } from './schema.ts';
import { swap } from './swap.ts';
import { vfat } from './vfat.ts';
import { xfs } from './xfs.ts';

/** Everything that a partition can hold in this version: one line each. */
const layers: readonly ContentLayer[] = [ext, vfat, swap, xfs, btrfs, f2fs, raw];

/** Whether blkid's TYPE is a content that can be saved and made again. */
export function isSupported(type: string): boolean {
  return layers.some((layer) => layer.kinds.includes(type));
}

/** Whether it is there for other nodes to lie on: made by the layers of the stack, not as a file system. */
export function isContainer({ kind }: Content): boolean {
  return kind === 'luks' || kind === 'array-member' || kind === 'group-member';
}

/** What is on a device, or null when this version does not know such a content. */
export async function captureContent(device: string, probe: Probe): Promise<Content | null> {
  const layer = layers.find(({ kinds }) => kinds.includes(probe.TYPE ?? ''));
  return layer === undefined ? null : layer.capture(device, probe);
}

/** How a saved content is made again on `device`. @param peers the other contents: a btrfs may lie on several devices */
export function planContent(content: Content, device: string, peers: readonly Peer[] = []): ContentPlan {
  const layer = layers.find(({ kinds }) => kinds.includes(content.kind));
  if (layer === undefined) throw new TypeError(`no layer for ${content.kind}`);
  return layer.plan(content, device, peers);
}

/** How a content is made at another size; null where it keeps its own. */
export function resizerOf(content: Content): Resizer | null {
  const resizer = layers.find(({ kinds }) => kinds.includes(content.kind))?.resizer;
  return resizer === undefined || resizer.applies?.(content) === false ? null : resizer;
}
