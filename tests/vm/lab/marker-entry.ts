// Runs in the lab: markers of restores on machines whose root lies on layers, looked at without opening one of these.
import { realpathSync, writeFileSync } from 'node:fs';
import { run } from '../../../common/run.ts';
import { markerBelowAny } from '../../../restore/execute/marker-below.ts';
import { stackShell } from './stack-shell.ts';

export interface MarkerResult {
  name: string;
  found: string | null;
  told: string[];
  /** The disk before and after. */
  digests: [string, string];
  /** Mounts, mappings, loop devices and arrays that are left. */
  left: string;
}

const disk = realpathSync('/dev/disk/by-id/virtio-disk0');
const second = realpathSync('/dev/disk/by-id/virtio-disk1');
export const marker = '{"set":"11111111-2222-4333-8444-555555555555","at":"2026-11-26T10:00:00Z"}';
const write = (device: string, folder = 'var/log/rekindle'): string =>
  `mkdir -p /mnt/lab; mount ${device} /mnt/lab; mkdir -p /mnt/lab/${folder}; echo '${marker}' > /mnt/lab/${folder}/restored.json; umount /mnt/lab`;
const mirror = (version: string, device: string, of = '$1'): string =>
  `mdadm --create --run --quiet ${device} --metadata=${version} --level=1 --raid-devices=2 ${of} missing`;
const key = "printf 'correct horse' |";

/** Each leaves everything closed. */
const machines: Record<string, string> = {
  ext4: `mke2fs -q -F -t ext4 $1; ${write('$1')}`,
  'mirror, superblock at its start': `${mirror('1.2', '/dev/md7')}; mke2fs -q -F -t ext4 /dev/md7; ${write('/dev/md7')}; mdadm --stop --quiet /dev/md7`,
  'mirror, superblock at its end': `${mirror('1.0', '/dev/md7')}; mke2fs -q -F -t ext4 /dev/md7; ${write('/dev/md7')}; mdadm --stop --quiet /dev/md7`,
  'mirror of 0.90': `${mirror('0.90', '/dev/md7')}; mkfs.xfs -q -f /dev/md7; ${write('/dev/md7')}; mdadm --stop --quiet /dev/md7`,
  'LVM, the second of its volumes': `
    vg vgcreate -s 1M vg7 $1; vg lvcreate -qq -y -n swap -L 8M vg7; vg lvcreate -qq -y -n root -L 330M vg7
    mkfs.xfs -q -f /dev/vg7/root; ${write('/dev/vg7/root')}; vg vgchange -qq -an vg7`,
  'LVM on a mirror': `
    ${mirror('1.2', '/dev/md7')}; vg vgcreate -s 1M vg7 /dev/md7; vg lvcreate -qq -y -n root -L 64M vg7; mke2fs -q -F -t ext4 /dev/vg7/root
    ${write('/dev/vg7/root')}; vg vgchange -qq -an vg7; mdadm --stop --quiet /dev/md7`,
  'btrfs, in a subvolume': `
    modprobe btrfs; mkfs.btrfs -q -f $1; mkdir -p /mnt/lab; mount $1 /mnt/lab; btrfs -q subvolume create /mnt/lab/@rootfs
    mkdir -p /mnt/lab/@rootfs/var/log/rekindle; echo '${marker}' > /mnt/lab/@rootfs/var/log/rekindle/restored.json; umount /mnt/lab`,
  f2fs: `modprobe f2fs; mkfs.f2fs -q -f $1; ${write('$1')}`,
  'vfat, as /boot/efi': `mkfs.fat $1 >/dev/null; ${write('$1', 'rekindle')}`,
  'nothing to be seen: LUKS': `
    ${key} cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file - $1
    ${key} cryptsetup open --key-file - $1 look; mke2fs -q -F -t ext4 /dev/mapper/look; ${write('/dev/mapper/look')}; cryptsetup close look`,
  'nothing to be seen: a group that lacks a disk, its volume on both': `
    vg vgcreate -s 1M vg7 $1 $2; vg lvcreate -qq -y --type striped -i 2 -n root -L 64M vg7; mke2fs -q -F -t ext4 /dev/vg7/root
    ${write('/dev/vg7/root')}; vg vgchange -qq -an vg7; wipefs -qa $2`,
};

async function digest(): Promise<string> {
  return (await run(['sha256sum', disk])).stdout.split(' ')[0] ?? '';
}

async function left(): Promise<string> {
  const script =
    'losetup -l -n; dmsetup ls | grep -v "^No devices"; grep ^md /proc/mdstat; findmnt -rno TARGET | grep /tmp/';
  return (await run(['bash', '-c', script], { okExit: [0, 1] })).stdout.trim();
}

const results: MarkerResult[] = [];
for (const [name, make] of Object.entries(machines)) {
  for (const each of [disk, second]) await run(['blkdiscard', '--zeroout', each]);
  await stackShell(make, [disk, second]);
  await run(['udevadm', 'settle']);
  const told: string[] = [];
  const before = await digest();
  const found = await markerBelowAny([disk], (line) => told.push(line));
  results.push({ name, found, told, digests: [before, await digest()], left: await left() });
  console.log(JSON.stringify(results.at(-1)));
}
writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(results), { flag: 'r+' });
