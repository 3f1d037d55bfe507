import { f2fsMinimum } from '../../layout/f2fs-resize.ts';
import { type ContentPlan, runs } from '../../layout/layer.ts';
import { type Load, withMargin } from '../../layout/resizer.ts';
import type { Action } from '../step.ts';
import { existingContent } from './existing.ts';
import { type FreshTypeName, freshTypeNames } from './names.ts';

export interface FreshOptions {
  device: string;
  sizeBytes: number;
  uuid: string;
  label: string;
  load: Load;
}

interface FreshType {
  /** The smallest device in bytes that takes the load. */
  minimumBytes(load: Load): number;
  /** Bytes of the longest label. */
  longestLabel: number;
  make(options: FreshOptions, label: string[]): [string, ...string[]];
  /** Writes nothing to the device. */
  rehearse(options: FreshOptions): Action[];
}

const mebibyte = 2 ** 20;
const image = '/run/rekindle/rehearsal.img';

/** With a sparse file of the device's size. */
function onSparseFile(sizeBytes: number, argv: [string, ...string[]]): Action[] {
  const sparse = ['dd', 'if=/dev/null', `of=${image}`, 'bs=1', 'count=0', `seek=${sizeBytes}`] as const;
  return [runs([...sparse]), runs(argv), runs(['rm', '-f', image])];
}

/** mke2fs.conf(5) has one inode for 16 KiB; many small files need more. */
function inodesFor({ sizeBytes, load }: FreshOptions): string[] {
  const needed = Math.ceil(load.files * 1.2) + 1024;
  return needed > sizeBytes / 16384 ? ['-N', `${needed}`] : [];
}

function ext(type: 'ext3' | 'ext4'): FreshType {
  const words = (options: FreshOptions) => ['-t', type, '-U', options.uuid, ...inodesFor(options)] as const;
  return {
    // Reserved blocks 5%, inodes 1.6%, the rest bitmaps and descriptors; the journal.
    minimumBytes: ({ bytes, files }) => (withMargin(bytes + files * 4096) + files * 1.2 * 256) / 0.92 + 64 * mebibyte,
    longestLabel: 16,
    make: (options, label) => ['mke2fs', '-q', '-F', ...words(options), ...label, options.device],
    rehearse: (options) => onSparseFile(options.sizeBytes, ['mke2fs', '-q', '-F', '-n', ...words(options), image]),
  };
}

/** Types that a file system can be made as anew, each as its own mkfs makes it by itself. */
const freshTypes: Readonly<Record<FreshTypeName, FreshType>> = {
  ext4: ext('ext4'),
  ext3: ext('ext3'),
  xfs: {
    minimumBytes: ({ bytes, files }) =>
      Math.max(300 * mebibyte, withMargin(bytes + files * 4608) / 0.96 + 64 * mebibyte),
    longestLabel: 12,
    make: ({ device, uuid }, label) => ['mkfs.xfs', '-q', '-f', '-m', `uuid=${uuid}`, ...label, device],
    rehearse: ({ sizeBytes }) => onSparseFile(sizeBytes, ['mkfs.xfs', '-q', '-f', '-N', image]),
  },
  btrfs: {
    // Metadata twice, and room that is bound in the wrong kind of block group.
    minimumBytes: ({ bytes, files }) =>
      withMargin(bytes + files * 4096 + 2 * (files * 1024 + bytes / 512)) + 256 * mebibyte,
    longestLabel: 255,
    make: ({ device, uuid }, label) => ['mkfs.btrfs', '-q', '-f', '-U', uuid, ...label, device],
    rehearse: ({ sizeBytes }) => onSparseFile(sizeBytes, ['mkfs.btrfs', '-q', '-f', image]),
  },
  f2fs: {
    minimumBytes: (load) => f2fsMinimum(load),
    longestLabel: 255,
    make: ({ device, uuid }, label) => ['mkfs.f2fs', '-q', '-f', '-U', uuid, ...label, device],
    rehearse: () => [runs(['mkfs.f2fs', '-V'], [0, 1])],
  },
};

function freshTypeOf(type: string): FreshType | null {
  const name = freshTypeNames.find((each) => each === type);
  return name === undefined ? null : freshTypes[name];
}

/** The smallest device in bytes; null for a type that is not made anew. */
export function freshMinimum(type: string, load: Load): number | null {
  const minimum = freshTypeOf(type)?.minimumBytes(load);
  return minimum === undefined ? null : Math.ceil(minimum / mebibyte) * mebibyte;
}

/** A file system of another type than the saved one. */
export function freshContent(type: string, options: FreshOptions): ContentPlan {
  const fresh = freshTypeOf(type);
  if (fresh === null) throw new TypeError(`${type} is not made anew`);
  const { device, label } = options;
  const fits = label !== '' && Buffer.byteLength(label) <= fresh.longestLabel;
  const word = type === 'btrfs' || type === 'xfs' || type.startsWith('ext') ? '-L' : '-l';
  return {
    ...existingContent(type, options.uuid),
    rehearse: fresh.rehearse(options),
    make: [runs(fresh.make(options, fits ? [word, label] : []))],
    notes: label === '' || fits ? [] : [`${device}: its label "${label}" is too long for ${type} and is left out`],
  };
}
