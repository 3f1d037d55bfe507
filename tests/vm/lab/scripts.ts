/**
 * /init of the initrd: two drivers and the change of root. busybox's modprobe wants modules.dep, which Debian's depmod
 * made for the whole tree; the order is written out here instead.
 */
const init = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
for module in $(/bin/busybox cat /order); do /bin/busybox insmod /$module; done
for pause in 1 2 3 4 5 6 7 8 9 10; do
  [ -b /dev/vda ] && break
  /bin/busybox sleep 0.3
done
/bin/busybox mount -t ext4 /dev/vda /root || exec /bin/busybox sh
exec /bin/busybox switch_root /root /lab-init
`;

/** Makes the initrd. $1: the unpacked Debian, $2: the file to write. */
export const installScript = `
tree=$1 out=$2 work=$(mktemp -d)
mkdir -p $work/bin $work/proc $work/sys $work/dev $work/root
cp $tree/bin/busybox $work/bin/
release=$(ls $tree/lib/modules)
chroot $tree depmod $release
: > $work/order
for name in virtio_pci virtio_blk ext4 crc32c_generic; do
  chroot $tree modprobe --show-depends --set-version $release $name | while read -r verb file rest; do
    [ "$verb" = insmod ] || continue
    base=$(basename $file)
    grep -qx $base $work/order || echo $base >> $work/order
    cp $tree$file $work/
  done
done
cat > $work/init <<'END'
${init}END
chmod 755 $work/init
(cd $work && find . | cpio --quiet -o -H newc) | gzip -1 > $out
rm -r $work
`;

/** PID 1 of the lab: devices by udev, then the program on the disk "code", then off. */
export const labInit = `#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sys /sys 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /run/lock /run/lvm /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
exec </dev/null >/dev/ttyS0 2>&1
echo 4 > /proc/sys/kernel/printk
# As in the rescue system: nothing is put together behind the restore's back.
rm -f /lib/udev/rules.d/64-md-raid-assembly.rules /lib/udev/rules.d/69-lvm.rules
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --subsystem-match=block --subsystem-match=mem --subsystem-match=misc
for module in dm_mod raid0 raid1 raid456 raid10 dm_crypt dm_thin_pool dm_raid loop; do modprobe -q $module; done
udevadm settle
tar -xf /dev/disk/by-id/virtio-code -C /tmp
echo lab-started
cd /tmp && node --disable-warning=ExperimentalWarning /tmp/entry.mjs /dev/disk/by-id/virtio-result
echo "lab-ended exit=$?."
sync
echo o > /proc/sysrq-trigger
sleep 60
`;
