import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import type { Action } from '../plan/step.ts';
import { extResizer } from './ext-resize.ts';
import { contentLayer, runs } from './layer.ts';
import type { Probe } from './probe.ts';
import { type ExtContent, extContentSchema } from './schema.ts';
import { parseSuperblock } from './superblock.ts';

/** What mke2fs can make; ext4(5) and `ok_features` of its source. Others would be lost without a word. */
const makeable = new Set(
  `has_journal resize_inode dir_index ext_attr sparse_super2 fast_commit stable_inodes orphan_file filetype extent
   meta_bg flex_bg ea_inode mmp 64bit inline_data casefold metadata_csum_seed large_dir large_file huge_file dir_nlink
   extra_isize sparse_super uninit_bg bigalloc quota metadata_csum project`.split(/\s+/),
);
/** State of a mounted or crashed file system, not a property of it. */
const transient = new Set(['needs_recovery', 'orphan_present']);
const unsavable: Record<string, string> = {
  encrypt: 'its files may be encrypted by fscrypt, which tar cannot carry',
  verity: 'its files may be sealed by fs-verity, which tar cannot carry',
};

/** ext2, ext3, ext4: every feature as it was, whatever this mke2fs would choose by itself. */
export const ext = contentLayer(extContentSchema, {
  kinds: ['ext2', 'ext3', 'ext4'],
  capture: captureExt,
  resizer: extResizer,
  plan(content, device) {
    const notes = content.features.includes('casefold')
      ? [
          `${device}: directories that ignore case come back as ordinary ones: to change that, move their files out, chattr +F, and back`,
        ]
      : [];
    return {
      name: `${content.kind} file system`,
      uuid: content.uuid,
      mount: { type: content.kind, options: 'noatime' },
      rehearse: rehearse(content),
      make: [configFile(content), runs(mke2fsArgv(content, device)), runs(tune2fsArgv(content, device))],
      notes,
    };
  },
});

async function captureExt(device: string, probe: Probe): Promise<ExtContent> {
  const kind = probe.TYPE === 'ext2' ? 'ext2' : probe.TYPE === 'ext3' ? 'ext3' : 'ext4';
  const { stdout } = await run(['dumpe2fs', '-h', device]);
  const content = parseSuperblock(stdout, kind, device);
  const features = content.features.filter((feature) => !transient.has(feature));
  const unknown = features.find((feature) => !makeable.has(feature));
  if (unknown !== undefined) {
    const why = unsavable[unknown] ?? 'mke2fs cannot make it again';
    throw new RekindleError('RK414', `${device} has the ${kind} feature "${unknown}": ${why}`);
  }
  return { ...content, label: probe.LABEL ?? '', features };
}

const configPath = '/run/rekindle/mke2fs.conf';

/** An own configuration: defaults of the rescue's mke2fs.conf must not leak into the restored file system. */
function configFile(content: ExtContent): Action {
  const types = ['ext2', 'ext3', 'ext4'].map((type) => `\t${type} = {\n\t\tinode_size = ${content.inodeBytes}\n\t}\n`);
  return { type: 'write-file', path: configPath, content: `[fs_types]\n${types.join('')}`, mode: 0o644 };
}

/** mke2fs -n on a sparse file: an unknown feature shows before the disk is wiped, not after. */
function rehearse(content: ExtContent): Action[] {
  const file = '/run/rekindle/rehearsal.img';
  const sparse = ['dd', 'if=/dev/null', `of=${file}`, `bs=${content.blockBytes}`, 'count=0'] as const;
  return [
    configFile(content),
    runs([...sparse, `seek=${content.blockCount}`]),
    runs(mke2fsArgv(content, file, ['-n'])),
    runs(['rm', '-f', file]),
  ];
}

function mke2fsArgv(content: ExtContent, device: string, extra: readonly string[] = []): [string, ...string[]] {
  const extended = extendedOptions(content);
  const optional: string[] = [];
  if (content.flexGroupSize !== undefined) optional.push('-G', `${content.flexGroupSize}`);
  if (content.clusterBytes !== undefined) optional.push('-C', `${content.clusterBytes}`);
  if (content.blocksPerGroup !== undefined) optional.push('-g', `${content.blocksPerGroup}`);
  if (content.journalBlocks !== null) optional.push('-J', journalOptions(content, content.journalBlocks));
  if (extended.length > 0) optional.push('-E', extended.join(','));
  if (content.label !== '') optional.push('-L', content.label);
  return [
    ...(['env', `MKE2FS_CONFIG=${configPath}`, 'mke2fs', '-q', '-F', ...extra, '-t', content.kind] as const),
    ...['-b', `${content.blockBytes}`, '-I', `${content.inodeBytes}`, '-N', `${content.inodeCount}`],
    ...['-U', content.uuid, '-e', content.errorsBehavior, '-O', ['none', ...content.features].join(',')],
    ...[...optional, device, `${content.blockCount}`],
  ];
}

function extendedOptions(content: ExtContent): string[] {
  const options: string[] = [];
  if (content.hashSeed !== null) options.push(`hash_seed=${content.hashSeed}`);
  const growth = growthLimit(content);
  if (growth !== null) options.push(`resize=${growth}`);
  if (content.raidStride !== undefined) options.push(`stride=${content.raidStride}`);
  if (content.raidStripeWidth !== undefined) options.push(`stripe_width=${content.raidStripeWidth}`);
  if (content.quotaTypes !== undefined) options.push(`quotatype=${content.quotaTypes.join(':')}`);
  if (content.encoding !== undefined) options.push(`encoding=${content.encoding}`);
  if (content.backupGroups !== undefined) options.push(`num_backup_sb=${content.backupGroups}`);
  return options;
}

/** mke2fs takes the reserved group descriptors as the number of blocks that they let the file system grow to. */
function growthLimit(content: ExtContent): number | null {
  const { reservedGdtBlocks, blockBytes, blockCount, features } = content;
  if (reservedGdtBlocks === undefined || features.includes('bigalloc')) return null;
  const perDescriptorBlock = blockBytes / (features.includes('64bit') ? 64 : 32);
  const blocksPerGroup = content.blocksPerGroup ?? blockBytes * 8;
  const firstBlock = blockBytes === 1024 ? 1 : 0;
  const groups = Math.ceil((blockCount - firstBlock) / blocksPerGroup);
  const descriptorBlocks = Math.ceil(groups / perDescriptorBlock);
  const limit = (descriptorBlocks + reservedGdtBlocks) * perDescriptorBlock * blocksPerGroup;
  const capped = Math.min(limit, 2 ** 32 - 1);
  return capped > blockCount ? capped : null;
}

/** mke2fs counts the journal in MiB, without its fast-commit area. */
function journalOptions(content: ExtContent, blocks: number): string {
  const fastBlocks = content.fastCommitBlocks ?? 0;
  const mebibytes = Math.max(1, Math.round(((blocks - fastBlocks) * content.blockBytes) / 2 ** 20));
  const fast = fastBlocks === 0 ? '' : `,fast_commit_size=${Math.round((fastBlocks * content.blockBytes) / 1024)}`;
  return `size=${mebibytes}${fast}`;
}

/** What only tune2fs can say exactly. */
function tune2fsArgv(content: ExtContent, device: string): [string, ...string[]] {
  // mke2fs sets these two by itself.
  const unwanted = ['user_xattr', 'acl'].filter((option) => !content.defaultMountOptions.includes(option));
  const defaults = [...unwanted.map((option) => `^${option}`), ...content.defaultMountOptions];
  const optional: string[] = [];
  const extended: string[] = [];
  if (content.extendedMountOptions !== undefined) extended.push(`mount_opts=${content.extendedMountOptions}`);
  if (content.hashAlgorithm !== undefined) extended.push(`hash_alg=${content.hashAlgorithm}`);
  for (const option of extended) optional.push('-E', option);
  if (content.reservedUid !== undefined) optional.push('-u', `${content.reservedUid}`);
  if (content.reservedGid !== undefined) optional.push('-g', `${content.reservedGid}`);
  return [
    ...(['tune2fs', '-r', `${content.reservedBlocks}`, '-c', `${content.maxMountCount}`] as const),
    ...['-i', `${content.checkIntervalSeconds}s`, '-o', defaults.join(','), ...optional, device],
  ];
}
