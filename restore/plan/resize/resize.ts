import { RekindleError } from '../../../common/errors/error.ts';
import { formatBytes, formatCount } from '../../../common/format.ts';
import type { Layout, LayoutDisk, LayoutNode } from '../../layout/schema.ts';
import { neededBytes } from '../size.ts';
import { type Change, changesBetween } from './changes.ts';
import { type Bounds, type LoadOf, limitsOf } from './claims.ts';
import { settleStacks } from './settle.ts';
import { type Claim, shareOut } from './share-out.ts';
import { bytesForMebibytes, leavesOf, mebibytesOn, resizedTable } from './table.ts';

/** A saved disk, by its layout id, and the size of the disk that it goes onto. */
export interface DiskSize {
  source: string;
  sizeBytes: number;
}

export interface ResizeInput {
  layout: Layout;
  loadOf: LoadOf;
  disks: readonly DiskSize[];
  /** 'keep': a larger disk keeps room unused at its end. 'fill': file systems grow. A smaller disk always shrinks them. */
  larger: 'keep' | 'fill';
  /** Sizes that a person asked for, in bytes, by node id. */
  wishes?: ReadonlyMap<string, number>;
}

export interface Resized {
  layout: Layout;
  changes: Change[];
}

const mebibyte = 2 ** 20;

/**
 * The layout for disks of other sizes: what holds files grows or shrinks, down to what the set holds and a margin; boot
 * partitions and what is not known stay. Pure. Where every disk can be as it was, the layout comes back unchanged.
 * @throws RekindleError RK401 with the missing bytes, RK450 for a size that was asked for and cannot be
 */
export function resizeLayout(input: ResizeInput): Resized {
  const { layout } = input;
  const wishes = input.wishes ?? new Map<string, number>();
  const bounds: Bounds = { layout, loadOf: input.loadOf, wishes, shrinkSwap: false };
  assertWishes(layout, bounds);
  const sized = layout.disks.map((disk) => {
    const sizeBytes = input.disks.find(({ source }) => source === disk.id)?.sizeBytes ?? disk.sizeBytes;
    return isKept(disk, sizeBytes, input, wishes) ? disk : resizeDisk(disk, sizeBytes, bounds);
  });
  if (sized.every((disk, index) => disk === layout.disks[index])) return { layout, changes: [] };
  const resized = settleStacks({ ...layout, disks: sized }, bounds);
  return { layout: resized, changes: changesBetween(layout, resized, bounds.loadOf) };
}

/** The smallest disk in bytes that takes what was on a saved one, shrunk or as it was. */
export function leastBytes(layout: Layout, loadOf: LoadOf, disk: LayoutDisk): number {
  return Math.min(neededBytes(disk), smallestDisk(layout, loadOf, disk));
}

/** The smallest disk in bytes that a saved disk's content can be shrunk onto. */
export function smallestDisk(layout: Layout, loadOf: LoadOf, disk: LayoutDisk): number {
  const bounds: Bounds = { layout, loadOf, wishes: new Map(), shrinkSwap: true };
  const least = claimsOn(disk, bounds).reduce((sum, { minimum }) => sum + minimum, 0);
  return disk.table === null ? least * mebibyte : bytesForMebibytes(disk, least);
}

function isKept(
  disk: LayoutDisk,
  sizeBytes: number,
  { larger, layout }: ResizeInput,
  wishes: Bounds['wishes'],
): boolean {
  const isWished = layout.nodes.some(({ id }) => wishes.has(id));
  if (isWished) return false;
  return sizeBytes === disk.sizeBytes || (larger === 'keep' && sizeBytes >= neededBytes(disk));
}

/** With swap as it was, if that fits; else swap gives way, too. */
function resizeDisk(disk: LayoutDisk, sizeBytes: number, bounds: Bounds): LayoutDisk {
  if (disk.table === null) {
    const least = claimsOn(disk, bounds).reduce((sum, { minimum }) => sum + minimum, 0) * mebibyte;
    if (least > sizeBytes) throw tooSmall(disk, least, sizeBytes);
    return { ...disk, sizeBytes };
  }
  for (const shrinkSwap of [false, true]) {
    const claims = claimsOn(disk, { ...bounds, shrinkSwap });
    const shares = shareOut(claims, Math.max(0, mebibytesOn(disk, sizeBytes)));
    if (shares.shortfall !== null) {
      if (!shrinkSwap) continue;
      const least = claims.reduce((sum, { minimum }) => sum + minimum, 0);
      throw tooSmall(disk, bytesForMebibytes(disk, least), sizeBytes);
    }
    const sizes = new Map<number, number>();
    for (const { id, number, fixed } of claims) if (!fixed) sizes.set(number, shares.sizes.get(id) ?? 0);
    return { ...disk, sizeBytes, table: resizedTable(disk, sizes) };
  }
  return disk;
}

interface PartitionClaim extends Claim {
  number: number;
  /** Keeps its size to the sector. */
  fixed: boolean;
}

/** What wants room on a disk, in MiB. */
function claimsOn(disk: LayoutDisk, bounds: Bounds): PartitionClaim[] {
  if (disk.table === null) {
    const node = bounds.layout.nodes.find(({ origin }) => origin.type === 'disk' && origin.disk === disk.id);
    return node === undefined ? [] : [{ ...claimOf(node, bounds), number: 0 }];
  }
  return leavesOf(disk).map(({ number, size }) => {
    const node = bounds.layout.nodes.find(
      ({ origin }) => origin.type === 'partition' && origin.disk === disk.id && origin.number === number,
    );
    if (node) return { ...claimOf(node, bounds), number };
    const mebibytes = Math.ceil(((size ?? 0) * disk.logicalSectorBytes) / mebibyte);
    const fixed = { minimum: mebibytes, maximum: mebibytes, weight: mebibytes };
    return { id: `${disk.id}:${number}`, ...fixed, number, fixed: true };
  });
}

function claimOf(node: LayoutNode, bounds: Bounds): Omit<PartitionClaim, 'number'> {
  const { minimum, maximum } = limitsOf(node, bounds);
  const least = Math.ceil(minimum / mebibyte);
  return {
    id: node.id,
    minimum: least,
    maximum: Math.max(least, Math.floor(maximum / mebibyte)),
    weight: Math.ceil(node.sizeBytes / mebibyte),
    fixed: minimum === node.sizeBytes && maximum === node.sizeBytes,
  };
}

function tooSmall({ name, model }: LayoutDisk, needed: number, has: number): RekindleError {
  const short = `${formatCount(needed - has)} bytes (${formatBytes(needed - has)}) short`;
  return new RekindleError(
    'RK401',
    `what was on ${name} (${model || 'no model'}) needs ${formatBytes(needed)}, there are ${formatBytes(has)}: ${short}`,
  );
}

function assertWishes(layout: Layout, bounds: Bounds): void {
  for (const [id, bytes] of bounds.wishes) {
    const node = layout.nodes.find((candidate) => candidate.id === id);
    if (node === undefined) throw new RekindleError('RK450', `${id} is not in the set`);
    const { minimum, maximum } = limitsOf(node, { ...bounds, wishes: new Map(), shrinkSwap: true });
    const limit = bytes < minimum ? `at least ${formatBytes(minimum)}` : `at most ${formatBytes(maximum)}`;
    if (bytes < minimum || bytes > maximum)
      throw new RekindleError('RK450', `${id} cannot have ${formatBytes(bytes)}: ${limit}`);
    if (bytes % mebibyte !== 0)
      throw new RekindleError('RK450', `${id}: ${formatCount(bytes)} is no multiple of 1 MiB`);
  }
}
