import { realpath } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { markPattern } from '../../common/mark-pattern.ts';
import { run } from '../../common/run.ts';
import { visible } from '../../common/visible.ts';
import type { BtrfsContent, BtrfsMember, Subvolume } from './btrfs-schema.ts';
import { isUnmountable, listSubvolumes } from './btrfs-subvolumes.ts';
import { listMounts, type Mount } from './mounts.ts';
import type { Probe } from './probe.ts';

/** What create copies subvolumes into while it saves (`build/consistency.ts`). */
const copyPattern = new RegExp(`^\\.rekindle-${markPattern}-\\w{6}/`);

/** Flags of the superblock by mkfs.btrfs's words for them; btrfs-inspect-internal(8), kernel-shared/print-tree.c. */
const words: Record<string, string> = {
  ...{ EXTENDED_IREF: 'extref', SKINNY_METADATA: 'skinny-metadata', NO_HOLES: 'no-holes' },
  ...{ FREE_SPACE_TREE: 'free-space-tree', BLOCK_GROUP_TREE: 'block-group-tree' },
};
/** They follow from something else (a profile, files, -m of btrfstune), or mean nothing any more. */
const implied = new Set(
  `MIXED_BACKREF DEFAULT_SUBVOL MIXED_GROUPS COMPRESS_LZO COMPRESS_ZSTD BIG_METADATA RAID56 METADATA_UUID RAID1C34
   SIMPLE_QUOTA FREE_SPACE_TREE_VALID VERITY`.split(/\s+/),
);

/** The device's own superblock, and where the file system is mounted what it says of itself there. */
export async function captureBtrfs(device: string, probe: Probe): Promise<BtrfsContent | BtrfsMember> {
  const { stdout } = await run(['btrfs', 'inspect-internal', 'dump-super', device]);
  const field = (name: string): string => {
    const value = new RegExp(`^${name.replaceAll('.', '\\.')}\\s+(.*)$`, 'm').exec(stdout)?.[1]?.trim();
    if (value === undefined)
      throw new RekindleError('RK416', `btrfs inspect-internal dump-super ${device}: no ${name}`);
    return value;
  };
  const uuid = probe.UUID ?? field('fsid');
  const deviceId = Number(field('dev_item.devid'));
  const mounts = await mountsOf(device);
  const at = mounts[0]?.target;
  if (deviceId !== (await firstDevice(at, device))) return { kind: 'btrfs-member', uuid, deviceId };
  const profiles = readProfiles(await describeChunks(device, at), device);
  const compression = mounts.map(compressionOf).find((word) => word !== undefined);
  return {
    kind: 'btrfs',
    uuid,
    label: probe.LABEL ?? '',
    nodeBytes: Number(field('nodesize')),
    sectorBytes: Number(field('sectorsize')),
    checksum: /\((.*)\)/.exec(field('csum_type'))?.[1] ?? 'crc32c',
    features: await readFeatures(stdout, device),
    ...profiles,
    deviceCount: Number(field('num_devices')),
    ...(at === undefined ? { subvolumes: [], defaultSubvolume: '' } : await captureSubvolumes(at, mounts)),
    ...(compression === undefined ? {} : { compression }),
  };
}

/** The mounts of the file system that a device belongs to: of any subvolume, also bind mounts. */
export async function mountsOf(device: string): Promise<Mount[]> {
  const wanted = await realpath(device);
  const mounts = (await listMounts()).filter(({ fstype }) => fstype === 'btrfs');
  const found: Mount[] = [];
  const known = new Map<string, boolean>();
  for (const mount of mounts) {
    const source = mount.source.replace(/\[.*\]$/, '');
    if (!known.has(source)) known.set(source, (await devicesOf(mount.target)).includes(wanted));
    if (known.get(source)) found.push(mount);
  }
  return found;
}

/** Behind the label, which may hold lines that look like others. */
function devicesPart(shown: string): string {
  return shown.slice(shown.lastIndexOf('\tTotal devices '));
}

/** Device nodes of a btrfs, by where it is mounted or by one of them; `btrfs filesystem show --raw`. */
export async function devicesOf(where: string): Promise<string[]> {
  const { stdout } = await run(['btrfs', 'filesystem', 'show', '--raw', where], { okExit: [0, 1] });
  const paths = [...devicesPart(stdout).matchAll(/^\s+devid\s+\d+ .* path (.*)$/gm)].map(([, path = '']) => path);
  return Promise.all(paths.map((path) => realpath(path).catch(() => path)));
}

/** The lowest device id, as far as it is known. @throws RekindleError RK441 when a device of a mounted one is missing */
async function firstDevice(at: string | undefined, device: string): Promise<number> {
  const { stdout } = await run(['btrfs', 'filesystem', 'show', '--raw', at ?? device]);
  // Of one that is not mounted the kernel may just not have seen the others.
  if (at !== undefined && /missing/i.test(devicesPart(stdout)))
    throw new RekindleError('RK441', `${device}: one of its devices is missing`);
  return Math.min(...[...devicesPart(stdout).matchAll(/^\s+devid\s+(\d+) /gm)].map(([, id]) => Number(id)));
}

async function readFeatures(superblock: string, device: string): Promise<Record<string, boolean>> {
  const flags = new Set(
    [...superblock.matchAll(/^\s*\(? ?([A-Z][A-Z0-9_]+)(?: \||\s*\))/gm)].map(([, flag = '']) => flag),
  );
  // The superblock's own state has flags too.
  for (const own of ['WRITTEN', 'RELOC', 'SEEDING', 'METADUMP', 'METADUMP_V2', 'CHANGING_FSID', 'CHANGING_FSID_V2'])
    flags.delete(own);
  const unknown = [...flags].find((flag) => words[flag] === undefined && !implied.has(flag));
  if (unknown !== undefined) throw new RekindleError('RK441', `${device}: feature "${unknown}"`);
  const choices = new Set<string>();
  for (const option of ['-O', '-R']) {
    const { stdout, stderr } = await run(['mkfs.btrfs', option, 'list-all'], { okExit: [0, 1] });
    for (const [, name = ''] of `${stdout}\n${stderr}`.matchAll(/^([a-z0-9-]+)\s+- /gm)) choices.add(name);
  }
  const on = new Set([...flags].flatMap((flag) => words[flag] ?? []));
  const lacking = [...on].find((word) => !choices.has(word));
  if (lacking !== undefined) throw new RekindleError('RK441', `${device}: this mkfs.btrfs cannot make "${lacking}"`);
  return Object.fromEntries(Object.values(words).flatMap((word) => (choices.has(word) ? [[word, on.has(word)]] : [])));
}

/** Lines such as 'Data, RAID1: total=67108864'; of one that is not mounted, made from its chunk tree. */
async function describeChunks(device: string, at: string | undefined): Promise<string> {
  if (at !== undefined) return (await run(['btrfs', 'filesystem', 'df', '--raw', at])).stdout;
  const { stdout } = await run(['btrfs', 'inspect-internal', 'dump-tree', '-t', 'chunk', device]);
  const chunks = [...stdout.matchAll(/length (\d+) .* type (\S+)/g)];
  return chunks
    .map(([, length, type = '']) => {
      const [profile = 'single'] = type.split('|').filter((word) => !/^(DATA|METADATA|SYSTEM)$/.test(word));
      const kinds = type.split('|').filter((word) => /^(DATA|METADATA|SYSTEM)$/.test(word));
      return `${kinds.join('+').toLowerCase()}, ${profile}: total=${length}`;
    })
    .join('\n');
}

/** While it is being converted there are several of a kind: the one that holds most counts. */
function readProfiles(text: string, device: string): Pick<BtrfsContent, 'mixed' | 'dataProfile' | 'metadataProfile'> {
  const sums = new Map<string, number>();
  for (const [, kind = '', profile = '', total] of text.matchAll(/^([\w+]+), ([\w]+): total=(\d+)/gm)) {
    const key = `${kind.toLowerCase()} ${profile.toLowerCase()}`;
    sums.set(key, (sums.get(key) ?? 0) + Number(total));
  }
  const largest = (kind: string): string | undefined =>
    [...sums]
      .filter(([key]) => key.startsWith(`${kind} `))
      .sort((one, other) => other[1] - one[1])[0]?.[0]
      .split(' ')[1];
  const both = largest('data+metadata');
  const data = both ?? largest('data');
  const metadata = both ?? largest('metadata');
  if (metadata === undefined) throw new RekindleError('RK416', `${device}: no profile of its metadata`);
  return { mixed: both !== undefined, dataProfile: data ?? 'single', metadataProfile: metadata };
}

function compressionOf({ options }: Mount): string | undefined {
  return options.split(',').find((word) => /^compress(-force)?=/.test(word) && !word.endsWith('=no'));
}

async function captureSubvolumes(
  at: string,
  mounts: readonly Mount[],
): Promise<Pick<BtrfsContent, 'subvolumes' | 'defaultSubvolume' | 'notSaved' | 'quota'>> {
  const { listed, readOnly } = await listSubvolumes(at);
  const defaultId = Number(/^ID (\d+)/.exec((await run(['btrfs', 'subvolume', 'get-default', at])).stdout)?.[1] ?? 5);
  const mounted = new Set(mounts.map(({ fsroot }) => fsroot.replace(/^\//, '')));
  // Copies that an earlier run was killed over: the next one removes them.
  const all = listed.filter(({ path }) => !copyPattern.test(path));
  const used = all.filter(({ id, path }) => id === defaultId || mounted.has(path));
  for (const { path } of used) if (isUnmountable(path)) throw unnameable(path);
  // Every user can make one: it must not keep the others from being saved.
  const notSaved = all.flatMap(({ path }) => (isUnmountable(path) ? [visible(path)] : []));
  const subvolumes = all.flatMap((each): Subvolume[] => {
    const { id, path, uuid, isCopy } = each;
    if (isUnmountable(path)) return [];
    const frozen = readOnly.has(id);
    const leftOut = frozen && isCopy && !used.includes(each);
    return [{ id, path, uuid, ...(frozen ? { readOnly: true } : {}), ...(leftOut ? { leftOut } : {}) }];
  });
  const quota = await captureQuota(at, subvolumes);
  return {
    subvolumes: subvolumes.toSorted((one, other) => depth(one.path) - depth(other.path) || one.id - other.id),
    defaultSubvolume: subvolumes.find(({ id }) => id === defaultId)?.path ?? '',
    ...(notSaved.length === 0 ? {} : { notSaved }),
    ...(quota === undefined ? {} : { quota }),
  };
}

function depth(path: string): number {
  return path.split('/').length;
}

function unnameable(path: string): RekindleError {
  const what = 'a comma, a quote or a byte that is no text is in its name, and it is mounted';
  return new RekindleError('RK441', `subvolume "${path}": ${what}`);
}

async function captureQuota(at: string, subvolumes: readonly Subvolume[]): Promise<BtrfsContent['quota']> {
  const { stdout, exitCode } = await run(['btrfs', 'qgroup', 'show', '--raw', '-r', '-e', at], { okExit: [0, 1] });
  if (exitCode !== 0) return undefined;
  const limits: NonNullable<BtrfsContent['quota']>['limits'] = [];
  let groups = 0;
  for (const [, level, id, , , referenced, exclusive] of stdout.matchAll(
    /^(\d+)\/(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+|none)\s+(\d+|none)/gm,
  )) {
    const path = id === '5' ? '' : subvolumes.find((each) => each.id === Number(id))?.path;
    const isLimited = referenced !== 'none' || exclusive !== 'none';
    if (level !== '0') groups += 1;
    else if (isLimited && path !== undefined)
      limits.push({
        path,
        ...(referenced === 'none' ? {} : { referenced: Number(referenced) }),
        ...(exclusive === 'none' ? {} : { exclusive: Number(exclusive) }),
      });
  }
  return { limits, groups };
}
