import { RekindleError } from '../../common/errors/error.ts';
import { type LvmSection, listIn, numberIn, textIn } from './lvm-text.ts';
import type { Volume } from './stack-schema.ts';

const sectorBytes = 512;
/** Segment types whose text alone brings them back: nothing within the volume says how it is to be read. */
const plain = /^(striped|linear|error|zero|mirror|raid\d+(_\w+)?)$/;
const refused: Readonly<Record<string, string>> = {
  vdo: 'a VDO volume',
  'vdo-pool': 'a VDO pool',
  integrity: 'RAID with integrity',
  writecache: 'a write cache',
};

interface Read {
  name: string;
  section: LvmSection;
  segments: LvmSection[];
  type: string;
}

/** The volumes of a group's text that can be made again, pools before what lies in them. @throws RekindleError RK425 */
export function volumesOf(
  group: string,
  section: LvmSection,
  extentBytes: number,
): { volumes: Volume[]; exact: boolean; notes: string[] } {
  const all = [...(section.sections.get('logical_volumes')?.sections ?? [])].map(([name, each]) =>
    readVolume(name, each),
  );
  for (const { name, segments } of all) {
    const bad = segments.map((segment) => textIn(segment, 'type')).find((type) => refused[type] !== undefined);
    if (bad !== undefined) throw new RekindleError('RK425', `${group}/${name} is ${refused[bad]}`);
  }
  const snapshots = all.filter(({ type }) => type === 'snapshot');
  const stores = new Set(snapshots.map(({ segments }) => (segments[0] ? textIn(segments[0], 'cow_store') : '')));
  const notes = [...stores].map(
    (name) => `The snapshot ${group}/${name} does not come back: make a new one where it is needed.`,
  );
  const volumes: Volume[] = [];
  for (const each of all) {
    const { name, type } = each;
    if (!listIn(each.section, 'status').includes('VISIBLE') || type === 'snapshot' || stores.has(name)) continue;
    if (type === 'cache-pool')
      notes.push(`The unused cache ${group}/${name} does not come back: make it again with lvcreate if it is wanted.`);
    else volumes.push(volumeOf(each, extentBytes, metadataBytes(each, all, extentBytes)));
    if (type === 'cache') notes.push(`${group}/${name} comes back without its cache: add it again with lvconvert.`);
    if (type === 'thin' && each.segments[0]?.values.get('origin') !== undefined) {
      notes.push(
        `${group}/${name} is a thin snapshot: it comes back as a volume of its own and takes its whole size; remove it if it is not needed.`,
      );
    }
  }
  const exact = all.every(({ segments }) => segments.every((segment) => plain.test(textIn(segment, 'type'))));
  const rank = ({ type }: Volume): number => (type === 'thin' ? 1 : 0);
  return { volumes: volumes.toSorted((left, right) => rank(left) - rank(right)), exact, notes };
}

function readVolume(name: string, section: LvmSection): Read {
  const segments = [...section.sections].filter(([key]) => /^segment\d+$/.test(key)).map(([, segment]) => segment);
  const [first] = segments;
  return { name, section, segments, type: first === undefined ? 'none' : textIn(first, 'type') };
}

function extentsOf({ segments }: Read): number {
  return segments.reduce((sum, segment) => sum + numberIn(segment, 'extent_count'), 0);
}

/** A thin pool's metadata lie in a hidden volume. */
function metadataBytes({ segments }: Read, all: readonly Read[], extentBytes: number): number {
  const hidden = all.find(({ name }) => name === segments[0]?.values.get('metadata'));
  return hidden === undefined ? extentBytes : extentsOf(hidden) * extentBytes;
}

function volumeOf(read: Read, extentBytes: number, metadata: number): Volume {
  const { name, section, segments, type } = read;
  const first = segments[0] ?? section;
  const number = (key: string): number => Number(first.values.get(key) ?? 0);
  const shape = shapeOf(type, number);
  return {
    name,
    uuid: textIn(section, 'id'),
    type: shape.type,
    sizeBytes: extentsOf(read) * extentBytes,
    stripes: Math.max(1, shape.stripes),
    stripeBytes: shape.stripes > 1 && number('stripe_size') > 0 ? number('stripe_size') * sectorBytes : null,
    mirrors: shape.mirrors,
    regionBytes: number('region_size') > 0 ? number('region_size') * sectorBytes : null,
    tags: listIn(section, 'tags'),
    readOnly: !listIn(section, 'status').includes('WRITE'),
    pool: type === 'thin' ? textIn(first, 'thin_pool') : null,
    thinPool:
      type === 'thin-pool'
        ? {
            chunkBytes: number('chunk_size') * sectorBytes,
            metadataBytes: metadata,
            discards: String(first.values.get('discards') ?? 'passdown'),
            zeroNew: number('zero_new_blocks') === 1,
          }
        : null,
  };
}

/** lvcreate's type and number of data stripes. */
function shapeOf(type: string, number: (key: string) => number): { type: string; stripes: number; mirrors: number } {
  const devices = number('device_count');
  const base = /^raid\d+/.exec(type)?.[0];
  switch (base) {
    case 'raid0':
      return { type, stripes: devices, mirrors: 0 };
    case 'raid1':
      return { type, stripes: 1, mirrors: devices - 1 };
    case 'raid4':
    case 'raid5':
      return { type, stripes: devices - 1, mirrors: 0 };
    case 'raid6':
      return { type, stripes: devices - 2, mirrors: 0 };
    case 'raid10': {
      const copies = number('data_copies') || 2;
      return { type, stripes: devices / copies, mirrors: copies - 1 };
    }
  }
  if (type === 'mirror') return { type, stripes: 1, mirrors: number('mirror_count') - 1 };
  if (type === 'thin' || type === 'thin-pool') return { type, stripes: 1, mirrors: 0 };
  const stripes = type === 'striped' ? number('stripe_count') : 1;
  return { type: stripes > 1 ? 'striped' : 'linear', stripes, mirrors: 0 };
}
