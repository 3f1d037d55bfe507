/** A way to stack storage, as shell lines for the real tools. $1 to $4 are disks; $LVM names the filter for them. */
export interface StackRecipe {
  name: string;
  disks: number;
  /** Builds it; ends with everything open. */
  make: string;
  /** After the capture: takes off what the plan says is lost, so that the rest can be compared. */
  without?: string;
  /** Opens it again on other disks, under the same names. */
  open: string;
  close: string;
  /** Devices with file systems that get files, by mount point. The first one counts as /. */
  mounts: Readonly<Record<string, string>>;
  /** Whether group and volumes keep their ids and places. */
  exact: boolean;
  /** What the plan must warn of. */
  warns: readonly RegExp[];
}

const key = "printf 'correct horse' |";
const quick = '--pbkdf-force-iterations 4 --pbkdf-memory 65536 --pbkdf-parallel 2';
const md = 'mdadm --create --run --quiet';
const ext4 = 'mke2fs -q -F -t ext4';

export const recipes: readonly StackRecipe[] = [
  {
    name: 'LVM on LUKS2',
    disks: 1,
    make: `
      printf 'label: gpt\\nsize=40M,type=U\\nsize=30M\\ntype=L' | sfdisk -q $1; udevadm settle
      mkfs.fat -F 16 -n ESP \${1}1 >/dev/null; ${ext4} -L boot \${1}2
      ${key} cryptsetup luksFormat -q --type luks2 --label vault --subsystem home --pbkdf argon2id ${quick} --key-file - \${1}3
      ${key} cryptsetup open --allow-discards --persistent --key-file - \${1}3 secret
      vg vgcreate -s 1M --addtag site-a vg0 /dev/mapper/secret
      vg lvcreate -qq -y -n root-fs -L 40M vg0; vg lvcreate -qq -y -n swap -L 16M --addtag fast vg0
      ${ext4} -L root /dev/vg0/root-fs; mkswap -q -L sw /dev/vg0/swap >/dev/null`,
    open: `${key} cryptsetup open --key-file - \${1}3 secret; vg vgchange -qq -ay vg0`,
    close: 'vg vgchange -qq -an vg0; cryptsetup close secret',
    mounts: { '/': '/dev/mapper/vg0-root--fs', '/boot': `\${1}2` },
    exact: true,
    warns: [],
  },
  {
    name: 'RAID 1 for /boot and LVM on RAID 5',
    disks: 4,
    make: `
      for disk in $1 $2 $3 $4; do printf 'label: gpt\\nsize=40M,type=R\\ntype=R' | sfdisk -q $disk; done; udevadm settle
      ${md} /dev/md/boot --homehost=web01 --name=boot --metadata=1.0 --level=1 --raid-devices=2 --spare-devices=1 --bitmap=internal --bitmap-chunk=8M \${1}1 \${2}1 \${3}1
      ${md} /dev/md/data --homehost=web01 --name=data --level=5 --raid-devices=4 --chunk=64 --layout=right-symmetric \${1}2 \${2}2 \${3}2 \${4}2
      mdadm --wait /dev/md/boot || true; mdadm --wait /dev/md/data || true
      vg vgcreate vg0 /dev/md/data; vg lvcreate -qq -y -n root -L 100M vg0
      ${ext4} -L boot /dev/md/boot; ${ext4} -L root /dev/vg0/root`,
    open: `
      mdadm --assemble --quiet /dev/md/boot \${1}1 \${2}1 \${3}1; mdadm --assemble --quiet /dev/md/data \${1}2 \${2}2 \${3}2 \${4}2
      vg vgchange -qq -ay vg0`,
    close: 'vg vgchange -qq -an vg0; mdadm --stop --quiet /dev/md/boot; mdadm --stop --quiet /dev/md/data',
    mounts: { '/': '/dev/mapper/vg0-root', '/boot': '/dev/md/boot' },
    exact: true,
    warns: [],
  },
  {
    name: 'thin pool and a snapshot',
    disks: 2,
    make: `
      for disk in $1 $2; do printf 'label: dos\\ntype=8e' | sfdisk -q $disk; done; udevadm settle
      vg vgcreate vg0 \${1}1 \${2}1
      vg lvcreate -qq -y --type thin-pool -n pool -L 96M --poolmetadatasize 4M --chunksize 128k --discards nopassdown vg0
      vg lvcreate -qq -y --type thin -n root -V 200M --thinpool pool vg0
      vg lvcreate -qq -y -n plain -L 40M --addtag keep vg0; vg lvcreate -qq -y -s -n snap -L 12M vg0/plain
      ${ext4} -L root /dev/vg0/root; ${ext4} -L plain /dev/vg0/plain`,
    without: 'vg lvremove -qq -y vg0/snap',
    open: 'vg vgchange -qq -ay vg0',
    close: 'vg vgchange -qq -an vg0',
    mounts: { '/': '/dev/mapper/vg0-root', '/srv': '/dev/mapper/vg0-plain' },
    exact: false,
    warns: [/snapshot vg0\/snap does not come back/, /vg0 gets a new id/],
  },
  {
    name: 'whole disks in a group with RAID and stripes',
    disks: 3,
    make: `
      vg vgcreate -s 2M vg-whole $1 $2 $3
      vg lvcreate -qq -y --type raid1 -m 1 -n root -L 40M vg-whole; vg lvcreate -qq -y --type raid5 -i 2 -I 16k -n parity -L 32M vg-whole
      vg lvcreate -qq -y --type striped -i 2 -I 32k -n stripes -L 32M vg-whole
      ${ext4} -L root /dev/vg-whole/root; ${ext4} -L parity /dev/vg-whole/parity; ${ext4} -L stripes /dev/vg-whole/stripes
      vg lvchange -qq -pr vg-whole/stripes`,
    open: 'vg vgchange -qq -ay vg-whole',
    close: 'vg vgchange -qq -an vg-whole',
    mounts: { '/': '/dev/mapper/vg--whole-root', '/srv': '/dev/mapper/vg--whole-parity' },
    exact: true,
    warns: [],
  },
  {
    name: 'LUKS1 on a degraded RAID 1 of 0.90, LUKS2 with 4096-byte sectors on RAID 10 with a hole',
    disks: 4,
    make: `
      for disk in $1 $2 $3 $4; do printf 'label: dos\\nsize=60M,type=fd\\ntype=fd' | sfdisk -q $disk; done; udevadm settle
      ${md} /dev/md/old --metadata=0.90 --level=1 --raid-devices=2 \${1}1 missing
      ${md} /dev/md/ten --homehost=web01 --name=ten --metadata=1.1 --level=10 --layout=f2 --chunk=128 --raid-devices=4 --bitmap=none \${1}2 \${2}2 missing \${4}2
      ${key} cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 2000 --key-file - /dev/md/old
      ${key} cryptsetup luksFormat -q --type luks2 --sector-size 4096 --pbkdf pbkdf2 --pbkdf-force-iterations 2000 --key-file - /dev/md/ten
      printf other > /tmp/other; ${key} cryptsetup luksAddKey -q --pbkdf pbkdf2 --pbkdf-force-iterations 2000 --key-file - /dev/md/ten /tmp/other
      ${key} cryptsetup open --key-file - /dev/md/old old; ${key} cryptsetup open --key-file - /dev/md/ten ten
      ${ext4} -L old /dev/mapper/old; ${ext4} -L ten /dev/mapper/ten`,
    without: `${key} cryptsetup luksKillSlot -q --key-file - /dev/md/ten 1`,
    open: `
      mdadm --assemble --run --quiet /dev/md/old \${1}1; mdadm --assemble --run --quiet /dev/md/ten \${1}2 \${2}2 \${4}2
      ${key} cryptsetup open --key-file - /dev/md/old old; ${key} cryptsetup open --key-file - /dev/md/ten ten`,
    close:
      'cryptsetup close old; cryptsetup close ten; mdadm --stop --quiet /dev/md/old; mdadm --stop --quiet /dev/md/ten',
    mounts: { '/': '/dev/mapper/old', '/srv': '/dev/mapper/ten' },
    exact: true,
    warns: [/was degraded when it was saved: place 1/, /place 2/, /Key slots 1 are lost/],
  },
  {
    name: 'LVM on RAID 6 and RAID 0 on partitions of MBR and GPT',
    disks: 4,
    make: `
      printf 'label: dos\\nsize=50M,type=fd\\ntype=5\\nsize=60M,type=fd' | sfdisk -q $1
      for disk in $2 $3 $4; do printf 'label: gpt\\nsize=50M,type=R\\nsize=60M,type=R' | sfdisk -q $disk; done; udevadm settle
      ${md} /dev/md/six --name=six --homehost=web01 --level=6 --raid-devices=4 \${1}1 \${2}1 \${3}1 \${4}1
      ${md} /dev/md/fast --name=fast --homehost=web01 --level=0 --chunk=32 --raid-devices=2 \${1}5 \${2}2
      mdadm --wait /dev/md/six || true; vg vgcreate vg0 /dev/md/six /dev/md/fast \${3}2
      vg lvcreate -qq -y -n root -L 120M vg0; ${ext4} -L root /dev/vg0/root`,
    open: `
      mdadm --assemble --quiet /dev/md/six \${1}1 \${2}1 \${3}1 \${4}1; mdadm --assemble --quiet /dev/md/fast \${1}5 \${2}2
      vg vgchange -qq -ay vg0`,
    close: 'vg vgchange -qq -an vg0; mdadm --stop --quiet /dev/md/six; mdadm --stop --quiet /dev/md/fast',
    mounts: { '/': '/dev/mapper/vg0-root' },
    exact: true,
    warns: [],
  },
];
