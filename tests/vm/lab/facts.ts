import { run } from '../../../common/run.ts';
import { type BlockDevice, chainsOf, listBlockDevices } from '../../../restore/layout/lsblk.ts';
import { lvmConfig } from '../../../restore/layout/lvm-config.ts';

/** What the real tools say of the storage on some disks, names of disks replaced: 'DISK0', 'DISK01'. */
export type Facts = Record<string, string[]>;

async function lines(argv: readonly [string, ...string[]], keep: RegExp): Promise<string[]> {
  const { stdout } = await run(argv, { okExit: [0, 1, 2] });
  return stdout
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => keep.test(line));
}

const detail =
  /^(Version|Raid Level|Array Size|Used Dev Size|Raid Devices|Total Devices|Active Devices|Failed Devices|Spare Devices|Layout|Chunk Size|Consistency Policy|Intent Bitmap|Name|UUID) :/;
const examine = /^(Version|Array UUID|UUID|Name|Data Offset|Device Role|Raid Level|Bitmap Chunk|Internal Bitmap)/i;
const luks =
  /^(Version|Metadata area|Keyslots area|UUID|Label|Subsystem|Flags|offset|length|cipher|sector|Key|Priority|Cipher|PBKDF|Time cost|Memory|Threads|AF|Cipher name|Cipher mode|Hash spec|Payload offset|MK bits|\d+: luks2)/;

const f2fs =
  /^((block|section|segment|user_block|rsvd_segment|overprov_segment)_count|segment_count_\w+|\w+_blkaddr|segs_per_sec|secs_per_zone|log_\w+) ?:/;

/** @param exact false where group and volumes may get new ids and places */
export async function factsOf(disks: readonly string[], exact: boolean): Promise<Facts> {
  await run(['udevadm', 'settle']);
  const trees = (await listBlockDevices()).filter(({ path }) => disks.includes(path));
  const devices = [...new Map(chainsOf(trees).map(({ device }) => [device.path, device])).values()];
  const facts: Facts = {};
  for (const disk of disks) facts[`sfdisk ${disk}`] = await lines(['sfdisk', '-d', disk], /./);
  for (const device of devices) await addDevice(device, facts, exact);
  await addGroups(devices, facts, exact);
  return rename(facts, disks);
}

async function addDevice({ path, type, size }: BlockDevice, facts: Facts, exact: boolean): Promise<void> {
  const hidden = type === 'lvm' && /_(tdata|tmeta|tpool|rimage|rmeta|mimage|mlog)/.test(path);
  if (!hidden) facts[`size ${path}`] = [`${type} ${size}`];
  // A partial state of a device that lies within another's is not its content.
  if (!hidden)
    facts[`blkid ${path}`] = await lines(
      ['blkid', '-p', '-o', 'export', path],
      /^(TYPE|UUID|LABEL|VERSION|PTTYPE|UUID_SUB)=/,
    );
  const kind = facts[`blkid ${path}`]?.find((line) => line.startsWith('TYPE='));
  if (kind === 'TYPE=crypto_LUKS') facts[`luks ${path}`] = await lines(['cryptsetup', 'luksDump', path], luks);
  // Each member has an id of its own, which its tool makes: the only thing that is new.
  if (kind === 'TYPE=linux_raid_member' || kind === 'TYPE=btrfs')
    facts[`blkid ${path}`] = (facts[`blkid ${path}`] ?? []).filter((line) => !line.startsWith('UUID_SUB'));
  if (kind === 'TYPE=f2fs') facts[`f2fs ${path}`] = await lines(['fsck.f2fs', '-l', path], f2fs);
  if (kind === 'TYPE=linux_raid_member') {
    facts[`examine ${path}`] = await lines(['mdadm', '--examine', path], examine);
  }
  if (/^raid/.test(type)) {
    await run(['mdadm', '--wait', path], { okExit: [0, 1] });
    facts[`md ${path}`] = await lines(['mdadm', '--detail', path], detail);
  }
  if (!exact) return;
}

async function addGroups(devices: readonly BlockDevice[], facts: Facts, exact: boolean): Promise<void> {
  const members = devices
    .map(({ path }) => path)
    .filter((path) => facts[`blkid ${path}`]?.includes('TYPE=LVM2_member'));
  if (members.length === 0) return;
  const config = ['--config', lvmConfig(members)];
  const report = (tool: string, fields: string): Promise<string[]> =>
    lines([tool, ...config, '--noheadings', '--units', 'b', '--separator', '|', '-o', fields], /./);
  const ids = exact ? ',vg_uuid' : '';
  facts.vgs = await report('vgs', `vg_name,vg_size,vg_extent_size,vg_tags,pv_count,lv_count${ids}`);
  facts.pvs = await report('pvs', `pv_name,pv_uuid,pv_size,pe_start,dev_size${exact ? ',pv_used' : ''}`);
  const common =
    'lv_name,lv_size,segtype,stripes,stripe_size,region_size,lv_tags,pool_lv,chunk_size,discards,zero,lv_permissions';
  facts.lvs = exact ? await report('lvs', `${common},lv_uuid,seg_pe_ranges`) : await report('lvs', common);
  if (exact)
    facts['lvs -a'] = (
      await lines(['lvs', '-a', ...config, '--noheadings', '-o', 'lv_name,lv_uuid,seg_pe_ranges'], /./)
    ).sort();
}

function rename(facts: Facts, disks: readonly string[]): Facts {
  const replace = (text: string): string =>
    disks.reduce(
      (done, disk, index) => done.replaceAll(disk, `DISK${index}`).replaceAll(disk.slice(5), `DISK${index}`),
      text,
    );
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      replace(key),
      // LVM sorts by names that are not the same here.
      /^[pvl][gv]s/.test(key) ? value.map(replace).sort() : value.map(replace),
    ]),
  );
}
