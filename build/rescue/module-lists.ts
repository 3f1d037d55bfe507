function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Drivers that can stand between the kernel and the medium, by folder below kernel/: the initrd holds these and what they need. */
export const initrdFolders = words(`
  drivers/ata/ drivers/scsi/ drivers/cdrom/ drivers/virtio/ drivers/block/ drivers/nvme/ drivers/mmc/
  drivers/message/ drivers/usb/host/ drivers/usb/storage/ drivers/usb/dwc3/ drivers/usb/chipidea/
  drivers/hid/hid drivers/hid/usbhid/ drivers/firewire/ drivers/hv/ drivers/pci/ drivers/memstick/ drivers/ufs/
`);

/** In those folders, by module name: what holds no medium. */
export const initrdLeftOut =
  /^(floppy|nbd|rbd|drbd|zram|null_blk|brd|pktcdvd|ch|st|osst|scsi_debug|sx8|aoe|libfc|libfcoe|lpfc|qla[24]xxx|bfa|csiostor|efct|snic|fnic|scsi_transport_(iscsi|fc)|libiscsi.*|iscsi_.*|nvme_(fc|tcp|rdma|loop)|nvmet.*|tcm_.*|rnbd_.*|ipmi_.*)$/;

/** A driver that needs one of these reaches its disks over a network, or is for a device with a screen or sound. */
export const initrdForeign = words(`
  drivers/net/ drivers/infiniband/ drivers/gpu/ drivers/bluetooth/ drivers/target/ drivers/scsi/libfc/
  drivers/scsi/libiscsi drivers/scsi/scsi_transport_iscsi net/ sound/
`);

/** Not on a rescue medium: nothing here reads disks, networks or keys. */
export const leftOutFolders = words(`
  sound/ drivers/gpu/ drivers/media/ drivers/net/wireless/ drivers/bluetooth/ drivers/staging/
  drivers/infiniband/ drivers/iio/ drivers/isdn/ drivers/comedi/ drivers/accel/ drivers/hwmon/ drivers/leds/
  drivers/net/can/ drivers/net/hamradio/ drivers/net/wwan/ drivers/net/wan/ drivers/net/ieee802154/
  drivers/net/arcnet/ drivers/nfc/ drivers/gnss/ drivers/w1/ drivers/mtd/ drivers/rapidio/ drivers/spi/
  drivers/regulator/ drivers/power/ drivers/extcon/ drivers/edac/ drivers/counter/ drivers/soundwire/
  drivers/vhost/ drivers/vfio/ drivers/uio/ drivers/video/ drivers/usb/gadget/ drivers/usb/serial/
  drivers/usb/misc/ drivers/usb/atm/ drivers/usb/image/ drivers/input/touchscreen/ drivers/input/joystick/
  drivers/input/tablet/ drivers/input/misc/ drivers/auxdisplay/ drivers/platform/ drivers/mfd/ drivers/misc/
  drivers/parport/ drivers/atm/ drivers/crypto/ drivers/fpga/ drivers/greybus/ drivers/hsi/ drivers/iommu/
  drivers/mux/ drivers/pcmcia/ drivers/perf/ drivers/pps/ drivers/ptp/ drivers/pwm/
  drivers/siox/ drivers/slimbus/ drivers/ssb/ drivers/thermal/ drivers/vdpa/ drivers/visorbus/ drivers/watchdog/
  net/bluetooth/ net/wireless/ net/mac80211/ net/mac802154/ net/ieee802154/ net/6lowpan/ net/nfc/ net/can/
  net/atm/ net/ax25/ net/netrom/ net/rose/ net/batman-adv/ net/sctp/ net/tipc/ net/openvswitch/ net/netfilter/
  net/ipv4/netfilter/ net/ipv6/netfilter/ net/sched/ net/mpls/ net/rds/ net/smc/ net/dccp/ net/phonet/
  net/appletalk/ net/lapb/ net/x25/ net/l2tp/ fs/ocfs2/ fs/gfs2/ fs/dlm/ fs/ceph/ fs/afs/ fs/coda/ fs/orangefs/
  arch/x86/kvm/ virt/ samples/ lib/test
`);

/** Loaded on this machine, but of no use on the medium: screens, sound, virtual machines. */
export const leftOutLoaded = /^(drm|snd|i915|amdgpu|nouveau|radeon|kvm|bluetooth|btusb|iwl|cfg80211|mac80211)/;
