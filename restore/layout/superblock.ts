import { RekindleError } from '../../common/errors/error.ts';
import type { ExtContent } from './schema.ts';

/**
 * Reads `dumpe2fs -h`. Optional members are set only where mke2fs would choose otherwise.
 * @throws RekindleError RK416 when a needed line is missing, RK443 for an external journal.
 */
export function parseSuperblock(text: string, kind: ExtContent['kind'], device: string): Omit<ExtContent, 'label'> {
  const fields = new Map<string, string>();
  // Before it lie the label and where it was mounted last, which may hold lines that look like others.
  const from = text.lastIndexOf('\nFilesystem UUID:') + 1;
  for (const line of text.slice(from).split('\n')) {
    const match = /^([A-Za-z][^:]*):\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined && !fields.has(match[1])) fields.set(match[1], match[2] ?? '');
  }
  const read = new Superblock(fields, device);
  if (fields.has('Journal device') || fields.has('Journal UUID')) {
    throw new RekindleError('RK443', `${device}: its journal lies on another device`);
  }
  const features = read.words('Filesystem features');
  const hashSeed = fields.get('Directory Hash Seed');
  return {
    kind,
    uuid: read.text('Filesystem UUID'),
    blockBytes: read.number('Block size'),
    blockCount: read.number('Block count'),
    inodeBytes: read.number('Inode size', 128),
    inodeCount: read.number('Inode count'),
    reservedBlocks: read.number('Reserved block count'),
    features,
    defaultMountOptions: read.words('Default mount options').filter((word) => word !== '(none)'),
    hashSeed: hashSeed === undefined ? null : hashSeed,
    journalBlocks: features.includes('has_journal') ? read.journalBlocks() : null,
    errorsBehavior: read.errors(),
    maxMountCount: read.number('Maximum mount count'),
    checkIntervalSeconds: read.number('Check interval'),
    ...optionalMembers(read, features),
  };
}

function optionalMembers(read: Superblock, features: string[]): Partial<ExtContent> {
  const found: Partial<ExtContent> = {};
  const blockBytes = read.number('Block size');
  const flex = read.number('Flex block group size', 16);
  if (flex !== 16) found.flexGroupSize = flex;
  const cluster = read.number('Cluster size', 0);
  if (features.includes('bigalloc') && cluster > 0) found.clusterBytes = cluster;
  const perGroup = read.number('Blocks per group');
  if (!features.includes('bigalloc') && perGroup !== blockBytes * 8) found.blocksPerGroup = perGroup;
  const growth = read.number('Reserved GDT blocks', 0);
  if (features.includes('resize_inode') && growth > 0) found.reservedGdtBlocks = growth;
  const stride = read.number('RAID stride', 0);
  if (stride > 0) found.raidStride = stride;
  const stripe = read.number('RAID stripe width', 0);
  if (stripe > 0) found.raidStripeWidth = stripe;
  const hash = read.optional('Default directory hash');
  if (hash !== undefined && hash !== 'half_md4') found.hashAlgorithm = hash;
  const fast = read.number('Fast commit length', 0);
  if (features.includes('fast_commit') && fast > 0) found.fastCommitBlocks = fast;
  const encoding = read.optional('Character encoding');
  if (encoding !== undefined) found.encoding = encoding;
  const backups = read.optional('Backup block groups');
  if (backups !== undefined) found.backupGroups = backups.split(/\s+/).filter((word) => word !== '').length;
  const options = read.optional('Mount options');
  if (options !== undefined) found.extendedMountOptions = options;
  const uid = read.number('Reserved blocks uid', 0);
  if (uid !== 0) found.reservedUid = uid;
  const gid = read.number('Reserved blocks gid', 0);
  if (gid !== 0) found.reservedGid = gid;
  const quotas = (['User', 'Group', 'Project'] as const).filter((who) => read.number(`${who} quota inode`, 0) > 0);
  const names = { User: 'usrquota', Group: 'grpquota', Project: 'prjquota' };
  if (quotas.length > 0) found.quotaTypes = quotas.map((who) => names[who]);
  return found;
}

/** The fields of a superblock as dumpe2fs prints them. */
class Superblock {
  readonly #fields: ReadonlyMap<string, string>;
  readonly #device: string;

  constructor(fields: ReadonlyMap<string, string>, device: string) {
    this.#fields = fields;
    this.#device = device;
  }

  optional(name: string): string | undefined {
    return this.#fields.get(name);
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (value === undefined) throw new RekindleError('RK416', `dumpe2fs ${this.#device}: no line "${name}"`);
    return value;
  }

  /** Leading number of a line such as '0 (user root)'. */
  number(name: string, missing?: number): number {
    if (missing !== undefined && !this.#fields.has(name)) return missing;
    const value = Number.parseInt(this.text(name), 10);
    if (Number.isNaN(value)) throw new RekindleError('RK416', `dumpe2fs ${this.#device}: "${name}" is no number`);
    return value;
  }

  words(name: string): string[] {
    return (this.#fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
  }

  /** e2fsprogs before 1.47 print 'Journal length', or only a size such as '16M'. */
  journalBlocks(): number {
    const blocks = this.#fields.get('Total journal blocks') ?? this.#fields.get('Journal length');
    if (blocks !== undefined) return Number.parseInt(blocks, 10);
    const size = /^(\d+)([kM])/.exec(this.#fields.get('Journal size') ?? '');
    if (size?.[1] === undefined) throw new RekindleError('RK416', `dumpe2fs ${this.#device}: no journal size`);
    return Math.round((Number(size[1]) * (size[2] === 'M' ? 2 ** 20 : 1024)) / this.number('Block size'));
  }

  errors(): ExtContent['errorsBehavior'] {
    const words = this.text('Errors behavior').toLowerCase();
    return words.startsWith('remount') ? 'remount-ro' : words.startsWith('panic') ? 'panic' : 'continue';
  }
}
