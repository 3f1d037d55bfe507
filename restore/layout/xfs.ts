import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import type { Action } from '../plan/step.ts';
import { contentLayer, runs } from './layer.ts';
import type { Probe } from './probe.ts';
import { nameSchema, textSchema, unitSchema, uuidSchema } from './words-schema.ts';
import { parseXfsInfo, readQuotaFlags, type XfsInfo } from './xfs-info.ts';
import { xfsResizer } from './xfs-resize.ts';

export const xfsContentSchema = z.object({
  kind: z.literal('xfs'),
  uuid: uuidSchema,
  label: textSchema,
  blockBytes: unitSchema,
  blockCount: z.int().positive(),
  sectorBytes: unitSchema,
  inodeBytes: unitSchema,
  directoryBlockBytes: unitSchema,
  /** Share of the space that inodes may take, per cent; 0 is no limit. */
  inodeMaxPercent: z.int().nonnegative().max(100),
  /** Blocks of an allocation group; absent: mkfs chooses, as it must on another size. */
  groupBlocks: z.int().positive().optional(),
  /** Every feature that xfs_info names, as it names it: crc, finobt, sparse, rmapbt, reflink, bigtime, ftype ... */
  features: z.record(nameSchema, z.int().nonnegative()),
  stripeUnitBlocks: z.int().nonnegative(),
  stripeWidthBlocks: z.int().nonnegative(),
  log: z.object({
    blocks: z.int().positive(),
    version: z.int().positive(),
    stripeUnitBlocks: z.int().nonnegative(),
  }),
  /** Quota was on: it is counted again, its limits are not in an archive. */
  quota: z.literal(true).optional(),
});
export type XfsContent = z.infer<typeof xfsContentSchema>;

/** mkfs.xfs(8): the option that a feature belongs to. What is not here and on cannot be made. */
const options: Record<string, '-m' | '-i' | '-n' | '-l'> = {
  ...{ crc: '-m', finobt: '-m', rmapbt: '-m', reflink: '-m', bigtime: '-m', inobtcount: '-m', metadir: '-m' },
  ...{ sparse: '-i', nrext64: '-i', exchange: '-i', attr: '-i', projid32bit: '-i' },
  ...{ ftype: '-n', 'ascii-ci': '-n', parent: '-n', 'lazy-count': '-l' },
};
/** With checksums these cannot be otherwise, and later versions of mkfs.xfs no longer take the words. */
const impliedByCrc = new Set(['attr', 'projid32bit', 'ftype', 'lazy-count']);

/** XFS: every feature as it was, whatever this mkfs.xfs would choose by itself. */
export const xfs = contentLayer(xfsContentSchema, {
  kinds: ['xfs'],
  capture: captureXfs,
  resizer: xfsResizer,
  plan(content, device) {
    return {
      name: 'xfs file system',
      uuid: content.uuid,
      // nouuid: the old disk may be attached and mounted, and XFS refuses a second one with its UUID.
      mount: { type: 'xfs', options: 'noatime,nouuid' },
      rehearse: rehearse(content),
      make: [runs(mkfsArgv(content, device))],
      notes: content.quota
        ? [`${device}: quotas are counted again, but their limits do not come back: set them again (xfs_quota)`]
        : [],
    };
  },
});

async function captureXfs(device: string, probe: Probe): Promise<XfsContent> {
  const { stdout } = await run(['xfs_info', device]);
  const info = parseXfsInfo(stdout, device);
  assertMakeable(info, device);
  return {
    kind: 'xfs',
    uuid: probe.UUID ?? '',
    label: probe.LABEL ?? '',
    ...info.shape,
    features: info.features,
    log: info.log,
    ...((await readQuotaFlags(device)) === 0 ? {} : { quota: true }),
  };
}

/** @throws RekindleError RK440, RK443 */
function assertMakeable({ features, logName, realtimeName }: XfsInfo, device: string): void {
  if (!logName.startsWith('internal')) throw new RekindleError('RK443', `${device}: its log lies on another device`);
  if (realtimeName !== 'none') throw new RekindleError('RK443', `${device}: it has a realtime section`);
  const unknown = Object.entries(features).find(([name, value]) => value > 0 && options[name] === undefined);
  if (unknown !== undefined) throw new RekindleError('RK440', `${device}: feature "${unknown[0]}"`);
}

/** mkfs.xfs -N on a sparse file: an unknown feature shows before the disk is wiped, not after. */
function rehearse(content: XfsContent): Action[] {
  const file = '/run/rekindle/rehearsal.img';
  const sparse = ['dd', 'if=/dev/null', `of=${file}`, `bs=${content.blockBytes}`, 'count=0'] as const;
  return [
    runs([...sparse, `seek=${content.blockCount}`]),
    runs(mkfsArgv(content, file, ['-N'])),
    runs(['rm', '-f', file]),
  ];
}

/** Below these mkfs.xfs makes none since version 5.19, though it made such ones before: small file systems, small logs. */
const leastBytes = 300 * 2 ** 20;
const leastLogBytes = 64 * 2 ** 20;

/** Without -c it reads no configuration file, without -p it makes no files. */
function mkfsArgv(content: XfsContent, device: string, extra: readonly string[] = []): [string, ...string[]] {
  const { log, blockBytes, blockCount, groupBlocks } = content;
  const groups = groupBlocks === undefined ? [] : [`agsize=${groupBlocks}b`];
  const stripe =
    content.stripeUnitBlocks === 0
      ? ['noalign']
      : [
          `su=${content.stripeUnitBlocks * blockBytes}`,
          `sw=${Math.max(1, Math.round(content.stripeWidthBlocks / content.stripeUnitBlocks))}`,
        ];
  const single = groupBlocks !== undefined && groupBlocks >= blockCount;
  const small = single || blockCount * blockBytes < leastBytes || log.blocks * blockBytes < leastLogBytes;
  const label = content.label === '' ? [] : ['-L', content.label];
  return [
    // Its own test suite's way past the lower limits; older versions know neither limits nor words.
    ...(small ? ['env', 'TEST_DIR=/', 'TEST_DEV=/', 'QA_CHECK_FS=1'] : []),
    ...['mkfs.xfs', '-q', '-f', '-K', ...extra],
    ...['-b', `size=${blockBytes}`, '-s', `size=${content.sectorBytes}`],
    ...['-m', [`uuid=${content.uuid}`, ...featureWords(content, '-m')].join(',')],
    ...['-d', [`size=${blockCount}b`, ...groups, ...stripe].join(',')],
    ...['-i', inodeWords(content).join(',')],
    ...['-n', [`size=${content.directoryBlockBytes}`, ...nameWords(content)].join(',')],
    ...['-l', logWords(content).join(',')],
    ...[...label, device],
  ] as [string, ...string[]];
}

function featureWords({ features }: XfsContent, option: string): string[] {
  const names = Object.keys(features).filter((name) => options[name] === option);
  const free = features.crc === 1 ? names.filter((name) => !impliedByCrc.has(name)) : names;
  return free.map((name) => `${name}=${features[name]}`);
}

function inodeWords(content: XfsContent): string[] {
  return [`size=${content.inodeBytes}`, `maxpct=${content.inodeMaxPercent}`, ...featureWords(content, '-i')];
}

/** Names without regard to case are a version of the directories, not a word of their own. */
function nameWords(content: XfsContent): string[] {
  const version = content.features['ascii-ci'] === 1 ? 'version=ci' : 'version=2';
  return [version, ...featureWords(content, '-n').filter((word) => !word.startsWith('ascii-ci='))];
}

function logWords(content: XfsContent): string[] {
  const { log, blockBytes } = content;
  // One that got its stripe by mount options later: mkfs gives the log a stripe then, at least of one block.
  const unit = log.stripeUnitBlocks > 0 ? log.stripeUnitBlocks : content.stripeUnitBlocks > 0 ? 1 : 0;
  return [
    ...['internal=1', `size=${log.blocks}b`, `version=${log.version}`],
    ...(unit > 0 && log.version === 2 ? [`su=${unit * blockBytes}`] : []),
    ...featureWords(content, '-l'),
  ];
}
