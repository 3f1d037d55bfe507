/** A file system of a machine whose storage is stacked. */
export interface StackMount {
  at: string;
  /** As a shell word: $1 to $4 are disks. */
  device: string;
  /** Options of the machine's fstab. */
  options: string;
}

/** How a source machine is stacked, as shell lines for the real tools; run in the lab. */
export interface StackShape {
  name: string;
  firmware: 'bios' | 'uefi';
  /** Sizes in MiB. */
  disks: readonly number[];
  sectorBytes?: 4096;
  /** Debian packages that no other machine here needs. */
  packages?: readonly string[];
  /** Builds it; ends with everything open. */
  make: string;
  open: string;
  close: string;
  /** Outer ones first. */
  mounts: readonly StackMount[];
  /** Devices of swap areas, by what stands in fstab for them. */
  swap: readonly string[];
  /** Configures the machine that is mounted at $R; `u DEVICE` says a UUID. */
  configure: string;
  /** In the machine itself, by chroot. */
  loader: string;
  /** It must know this machine's layers. Without, the kernel package's own is kept, which has all drivers. */
  initramfs?: 'made there';
  /** What the boot asks for on the console. */
  passphrase?: string;
  /** RAM of the machine and of the restore, in MiB. */
  memory: number;
  /** After the restore; without it the machine is switched off. It is restarted only where its marker can be seen. */
  afterwards?: 'reboot';
}

export const passphrase = 'correct horse';
const key = `printf '${passphrase}' |`;
const quick = '--pbkdf argon2id --pbkdf-force-iterations 4 --pbkdf-memory 65536 --pbkdf-parallel 2';
const ext4 = 'mke2fs -q -F -t ext4';
const md = 'mdadm --create --run --quiet';
const table = (lines: string, disks: string): string =>
  `for disk in ${disks}; do printf '${lines}\\n' | sfdisk -q $disk; done; udevadm settle`;
const plain = 'errors=remount-ro';

/** Once under the vendor's name, once where firmware looks by itself. */
const efi = `
  grub-install --target=x86_64-efi --efi-directory=/boot/efi --no-nvram --bootloader-id=debian
  grub-install --target=x86_64-efi --efi-directory=/boot/efi --no-nvram --removable`;

export const stackShapes = {
  /** What Debian's installer makes of "guided, encrypted LVM". */
  luks: {
    name: 'luks',
    firmware: 'uefi',
    disks: [4096],
    make: `
      ${table('label: gpt\\nsize=100M,type=U\\nsize=300M,type=L\\ntype=L', '$1')}
      mkfs.fat -F 32 -n ESP \${1}1 >/dev/null; ${ext4} -L boot \${1}2
      ${key} cryptsetup luksFormat -q --type luks2 ${quick} --key-file - \${1}3
      ${key} cryptsetup open --key-file - \${1}3 vda3_crypt
      vg vgcreate debian-vg /dev/mapper/vda3_crypt
      vg lvcreate -qq -y -n root -L 3000M debian-vg; vg lvcreate -qq -y -n swap_1 -L 200M debian-vg; vg lvcreate -qq -y -n home -L 300M debian-vg
      ${ext4} /dev/debian-vg/root; ${ext4} /dev/debian-vg/home; mkswap -q /dev/debian-vg/swap_1`,
    open: `${key} cryptsetup open --key-file - \${1}3 vda3_crypt; vg vgchange -qq -ay debian-vg`,
    close: 'vg vgchange -qq -an debian-vg; cryptsetup close vda3_crypt',
    mounts: [
      { at: '/', device: '/dev/mapper/debian--vg-root', options: plain },
      { at: '/boot', device: `\${1}2`, options: 'defaults' },
      { at: '/boot/efi', device: `\${1}1`, options: 'umask=0077' },
      { at: '/home', device: '/dev/mapper/debian--vg-home', options: 'defaults' },
    ],
    swap: ['/dev/mapper/debian--vg-swap_1'],
    configure: `echo "vda3_crypt UUID=$(u \${1}3) none luks,discard" > $R/etc/crypttab`,
    loader: efi,
    initramfs: 'made there',
    passphrase,
    memory: 1024,
  },
  /** Four disks, each of which boots alone. The blank disks are all zeros: their parity is right without a resync. */
  raid: {
    name: 'raid',
    firmware: 'bios',
    disks: [1600, 1600, 1600, 1600],
    make: `
      ${table('label: dos\\nsize=300M,type=fd,bootable\\ntype=fd', '$1 $2 $3 $4')}
      ${md} /dev/md/boot --assume-clean --homehost=raid --name=boot --metadata=1.2 --level=1 --raid-devices=4 \${1}1 \${2}1 \${3}1 \${4}1
      ${md} /dev/md/data --assume-clean --homehost=raid --name=data --metadata=1.2 --level=5 --raid-devices=4 --bitmap=internal \${1}2 \${2}2 \${3}2 \${4}2
      vg vgcreate vg0 /dev/md/data; vg lvcreate -qq -y -n root -L 3200M vg0; vg lvcreate -qq -y -n swap -L 200M vg0
      ${ext4} -L boot /dev/md/boot; ${ext4} -L root /dev/vg0/root; mkswap -q /dev/vg0/swap`,
    open: `
      mdadm --assemble --quiet /dev/md/boot \${1}1 \${2}1 \${3}1 \${4}1; mdadm --assemble --quiet /dev/md/data \${1}2 \${2}2 \${3}2 \${4}2
      vg vgchange -qq -ay vg0`,
    close: 'vg vgchange -qq -an vg0; mdadm --stop --quiet /dev/md/boot; mdadm --stop --quiet /dev/md/data',
    mounts: [
      { at: '/', device: '/dev/mapper/vg0-root', options: plain },
      { at: '/boot', device: '/dev/md/boot', options: 'defaults' },
    ],
    swap: ['/dev/mapper/vg0-swap'],
    configure: `
      printf 'HOMEHOST <system>\\nMAILADDR root\\n' > $R/etc/mdadm/mdadm.conf
      mdadm --detail --scan | sed 's/ spares=[0-9]*//' >> $R/etc/mdadm/mdadm.conf`,
    loader: 'for disk in "$@"; do grub-install --target=i386-pc $disk; done',
    initramfs: 'made there',
    memory: 1024,
    afterwards: 'reboot',
  },
  /** All in one xfs, swap in a file of it. */
  xfs: {
    name: 'xfs',
    firmware: 'bios',
    disks: [4096],
    make: `
      ${table('label: dos\\ntype=83,bootable', '$1')}
      mkfs.xfs -q -L root \${1}1`,
    open: '',
    close: '',
    mounts: [{ at: '/', device: `\${1}1`, options: 'defaults' }],
    swap: [],
    configure: `
      dd if=/dev/zero of=$R/swapfile bs=1M count=128 status=none; chmod 600 $R/swapfile; mkswap -q $R/swapfile
      echo '/swapfile none swap sw 0 0' >> $R/etc/fstab`,
    loader: 'grub-install --target=i386-pc $1',
    memory: 1024,
  },
  /** Subvolumes as Debian's and Ubuntu's people have them, data on two disks. */
  btrfs: {
    name: 'btrfs',
    firmware: 'bios',
    disks: [2600, 2600],
    make: `
      ${table('label: dos\\nsize=2300M,type=83,bootable\\ntype=82', '$1 $2')}
      modprobe btrfs; mkfs.btrfs -q -L root -m raid1 -d raid0 \${1}1 \${2}1; mkswap -q \${1}2
      btrfs -q device scan \${1}1 \${2}1; mkdir -p /mnt/top; mount \${1}1 /mnt/top; btrfs -q subvolume create /mnt/top/@; btrfs -q subvolume create /mnt/top/@home; umount /mnt/top`,
    open: `btrfs -q device scan \${1}1 \${2}1`,
    close: '',
    mounts: [
      { at: '/', device: `\${1}1`, options: 'subvol=@,compress=zstd:1' },
      { at: '/home', device: `\${1}1`, options: 'subvol=@home' },
    ],
    swap: [`\${1}2`],
    configure: '',
    loader: 'grub-install --target=i386-pc $1',
    memory: 1024,
  },
  /** With features that GRUB cannot read, and compressed files beside others. */
  f2fs: {
    name: 'f2fs',
    firmware: 'bios',
    disks: [4096],
    packages: ['f2fs-tools'],
    make: `
      ${table('label: dos\\nsize=300M,type=83,bootable\\nsize=200M,type=82\\ntype=83', '$1')}
      ${ext4} -L boot \${1}1; mkswap -q \${1}2
      modprobe f2fs; mkfs.f2fs -q -f -l root -O extra_attr,inode_checksum,sb_checksum,inode_crtime,project_quota,compression -o 7 -e log \${1}3`,
    open: '',
    close: '',
    mounts: [
      { at: '/', device: `\${1}3`, options: 'noatime' },
      { at: '/boot', device: `\${1}1`, options: 'defaults' },
    ],
    swap: [`\${1}2`],
    // Mounted read-write from the start: when f2fs goes there from read-only, Debian's kernel 6.1 ends in a null pointer at the next fsync.
    configure: `
      sed -i 's/^GRUB_CMDLINE_LINUX="/&rw /' $R/etc/default/grub; grep -q '^GRUB_CMDLINE_LINUX="rw ' $R/etc/default/grub
      mkdir $R/srv/packed; cp $R/usr/bin/bash $R/srv/packed/older; chattr +c $R/srv/packed; cp -r $R/etc/lvm $R/srv/packed/
      touch $R/srv/alone; chattr +c $R/srv/alone; cat $R/usr/bin/perl > $R/srv/alone; sync -f $R
      lsattr $R/srv/packed/lvm/lvm.conf $R/srv/alone | grep -c '^[^ ]*c' | grep -qx 2`,
    loader: 'grub-install --target=i386-pc $1',
    memory: 1024,
  },
  thin: {
    name: 'thin',
    firmware: 'bios',
    disks: [4096],
    make: `
      ${table('label: dos\\nsize=300M,type=83,bootable\\ntype=8e', '$1')}
      ${ext4} -L boot \${1}1; vg vgcreate vg0 \${1}2
      vg lvcreate -qq -y --type thin-pool -n pool -L 3200M vg0
      vg lvcreate -qq -y --type thin -n root -V 6G --thinpool pool vg0; vg lvcreate -qq -y -n swap -L 200M vg0
      ${ext4} -L root /dev/vg0/root; mkswap -q /dev/vg0/swap`,
    open: 'vg vgchange -qq -ay vg0',
    close: 'vg vgchange -qq -an vg0',
    mounts: [
      { at: '/', device: '/dev/mapper/vg0-root', options: plain },
      { at: '/boot', device: `\${1}1`, options: 'defaults' },
    ],
    swap: ['/dev/mapper/vg0-swap'],
    // dmeventd takes longer to start under emulation than LVM waits for it: a failed unit, on the source as well.
    configure: `
      sed -i 's/# monitoring = 1/monitoring = 0/' $R/etc/lvm/lvm.conf; grep -q '^[[:space:]]monitoring = 0' $R/etc/lvm/lvm.conf`,
    loader: 'grub-install --target=i386-pc $1',
    memory: 1024,
  },
  /** Sectors of 4096 bytes, which no BIOS boots from. */
  sectors: {
    name: 'sectors',
    firmware: 'uefi',
    disks: [4096],
    sectorBytes: 4096,
    make: `
      ${table('label: gpt\\nsize=300M,type=U\\nsize=200M,type=S\\ntype=L', '$1')}
      mkfs.fat -F 32 -n ESP \${1}1 >/dev/null; mkswap -q \${1}2; ${ext4} -L root \${1}3`,
    open: '',
    close: '',
    mounts: [
      { at: '/', device: `\${1}3`, options: plain },
      { at: '/boot/efi', device: `\${1}1`, options: 'umask=0077' },
    ],
    swap: [`\${1}2`],
    configure: '',
    loader: efi,
    memory: 1024,
  },
} as const satisfies Record<string, StackShape>;
