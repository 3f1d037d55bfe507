// Runs in the lab: file systems on LVM are read from snapshots while they change; what killed runs left goes.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { freeze } from '../../../build/consistency.ts';
import { enterPrivateMounts } from '../../../build/namespace.ts';
import { withPrivateMount } from '../../../build/private-mount.ts';
import { markOf } from '../../../build/process-mark.ts';
import { type Source, sourcesOf } from '../../../build/sources.ts';
import { assertWhole } from '../../../build/volume-copies.ts';
import { run } from '../../../common/run.ts';
import { describeDisks } from '../../../restore/layout/capture.ts';
import { takeInventory } from '../../../restore/layout/inventory.ts';

export interface SnapshotsResult {
  /** What each mount point's file said in the snapshot, after it was changed on the machine. */
  seen: Record<string, string>;
  warnings: string[];
  /** Volumes with our name: while frozen, after it, and after a run that found what a killed one left. */
  names: { frozen: number; after: number; stale: number; swept: number };
  /** Code of the refusal when more was written than a snapshot holds. */
  overflow: string;
}

enterPrivateMounts();
const disk = realpathSync('/dev/disk/by-id/virtio-disk0');
const make = [
  `pvcreate -q ${disk} && vgcreate -q vg0 ${disk}`,
  'lvcreate -q -y -L 200M -n ext vg0 && mke2fs -q -t ext4 /dev/vg0/ext',
  'lvcreate -q -y -L 320M -n xfs vg0 && mkfs.xfs -q /dev/vg0/xfs',
  'lvcreate -q -y -L 300M --thinpool pool vg0 && lvcreate -q -y -V 250M --thin -n thin vg0/pool && mke2fs -q -t ext4 /dev/vg0/thin',
  'mkdir -p /mnt/lab/ext /mnt/lab/xfs /mnt/lab/thin',
  'for name in ext xfs thin; do mount /dev/vg0/$name /mnt/lab/$name; echo before > /mnt/lab/$name/file; done',
  'udevadm settle',
];
for (const line of make) await run(['bash', '-ec', line], { timeoutMs: 300_000 });

const ours = async (): Promise<number> => {
  const { stdout } = await run(['lvs', '--noheadings', '-o', 'lv_name', 'vg0']);
  return stdout.split('\n').filter((line) => line.trim().startsWith('rekindle-')).length;
};
const inventory = await takeInventory();
const layout = await describeDisks(
  inventory,
  inventory.devices.filter(({ path }) => path === disk),
);
const sources = sourcesOf(layout);
const mounted = (name: string): Source => {
  const found = sources.find(({ mountPoint }) => mountPoint === `/mnt/lab/${name}`);
  if (found === undefined) throw new Error(`${name} is not in the layout`);
  return found;
};

const result: SnapshotsResult = {
  seen: {},
  warnings: [],
  names: { frozen: 0, after: 0, stale: 0, swept: 0 },
  overflow: '',
};
const frozen = await freeze(sources, 'auto', layout.groups);
result.warnings = frozen.warnings;
result.names.frozen = await ours();
for (const name of ['ext', 'xfs', 'thin']) {
  writeFileSync(`/mnt/lab/${name}/file`, 'after');
  writeFileSync(`/mnt/lab/${name}/new`, 'new');
}
await run(['sync']);
for (const name of ['ext', 'xfs', 'thin']) {
  const source = mounted(name);
  const copy = frozen.copyOf(source);
  await withPrivateMount(source, { subvolume: frozen.subvolumeOf(source), copy }, async (directory) => {
    result.seen[name] = readFileSync(`${directory}/file`, 'utf8').trim();
  });
  if (copy) await assertWhole(copy, source.mountPoint);
}
// More than the snapshot of ext has room for: it becomes invalid, and that must be noticed.
await run(['bash', '-c', 'dd if=/dev/urandom of=/mnt/lab/ext/big bs=1M count=150 conv=fsync'], { okExit: [0, 1] });
const copy = frozen.copyOf(mounted('ext'));
result.overflow = copy
  ? await assertWhole(copy, '/mnt/lab/ext').then(
      () => 'whole',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    )
  : 'no copy';
await frozen.remove();
result.names.after = await ours();
// A process that is gone: ours began at another time.
const gone = `rekindle-${markOf(process.pid).replace(/\d+$/, '1')}-0`;
await run(['lvcreate', '-q', '-y', '-s', '-L', '32M', '-n', gone, 'vg0/xfs']);
result.names.stale = await ours();
await (await freeze(sources, 'never', layout.groups)).remove();
result.names.swept = await ours();
writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(result), { flag: 'r+' });
