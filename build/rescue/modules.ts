import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { loadOrder, type ModuleDatabase, readModuleDatabase } from '../../init/modules/database.ts';
import { mediumModules } from '../../init/modules/medium-modules.ts';
import { writeModule } from './module-file.ts';

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Drivers that can stand between the kernel and the medium: the initrd holds these and what they need. */
const initrdFolders = words(`
  drivers/ata/ drivers/scsi/ drivers/cdrom/ drivers/virtio/ drivers/block/ drivers/nvme/ drivers/mmc/
  drivers/message/ drivers/usb/host/ drivers/usb/storage/ drivers/usb/dwc3/ drivers/usb/chipidea/
  drivers/hid/hid drivers/hid/usbhid/ drivers/firewire/ drivers/hv/ drivers/pci/ drivers/memstick/ drivers/ufs/
`);

/** In those folders, what never leads to a medium. */
const initrdLeftOut =
  /\/(floppy|nbd|rbd|drbd|zram|null_blk|brd|pktcdvd|ch|st|osst|scsi_debug|tcm|target|iscsi|fcoe|bnx2|cxgbi|qedf|qedi|be2iscsi|ipmi|sx8|aoe|rnbd|libfc|lpfc|qla2xxx|bfa|csiostor|efct|snic|fnic)/;

/** Not on a rescue medium: nothing here reads disks, networks or keys. */
const leftOut = words(`
  sound/ drivers/gpu/ drivers/media/ drivers/net/wireless/ drivers/bluetooth/ drivers/staging/
  drivers/infiniband/ drivers/iio/ drivers/isdn/ drivers/comedi/ drivers/accel/ drivers/hwmon/ drivers/leds/
  drivers/net/can/ drivers/net/hamradio/ drivers/net/wwan/ drivers/net/wan/ drivers/net/ieee802154/
  drivers/net/arcnet/ drivers/nfc/ drivers/gnss/ drivers/w1/ drivers/mtd/ drivers/rapidio/ drivers/spi/
  drivers/regulator/ drivers/power/ drivers/extcon/ drivers/edac/ drivers/counter/ drivers/soundwire/
  drivers/vhost/ drivers/vfio/ drivers/uio/ drivers/video/ drivers/usb/gadget/ drivers/usb/serial/
  drivers/usb/misc/ drivers/usb/atm/ drivers/usb/image/ drivers/input/touchscreen/ drivers/input/joystick/
  drivers/input/tablet/ drivers/input/misc/ drivers/auxdisplay/ drivers/platform/ drivers/mfd/ drivers/misc/
  drivers/parport/ drivers/atm/ drivers/crypto/ drivers/fpga/ drivers/greybus/ drivers/hsi/ drivers/iommu/
  drivers/mux/ drivers/nvdimm/ drivers/pcmcia/ drivers/perf/ drivers/pps/ drivers/ptp/ drivers/pwm/
  drivers/siox/ drivers/slimbus/ drivers/ssb/ drivers/thermal/ drivers/vdpa/ drivers/visorbus/ drivers/watchdog/
  net/bluetooth/ net/wireless/ net/mac80211/ net/mac802154/ net/ieee802154/ net/6lowpan/ net/nfc/ net/can/
  net/atm/ net/ax25/ net/netrom/ net/rose/ net/batman-adv/ net/sctp/ net/tipc/ net/openvswitch/ net/netfilter/
  net/ipv4/netfilter/ net/ipv6/netfilter/ net/sched/ net/mpls/ net/rds/ net/smc/ net/dccp/ net/phonet/
  net/appletalk/ net/lapb/ net/x25/ net/l2tp/ fs/ocfs2/ fs/gfs2/ fs/dlm/ fs/ceph/ fs/afs/ fs/coda/ fs/orangefs/
  arch/x86/kvm/ virt/ samples/ drivers/scsi/qla2xxx/ drivers/scsi/lpfc/
`);

export interface ModuleSource {
  /** '/lib/modules/6.1.0-56-amd64' */
  directory: string;
  release: string;
}

function relativeTo(source: ModuleSource, file: string): string {
  return file.slice(source.directory.length + 1).replace(/^kernel\//, '');
}

/** Files of the wanted modules and of all that they need, relative to the modules' directory. */
function close(database: ModuleDatabase, source: ModuleSource, names: Iterable<string>): string[] {
  const files = new Set<string>();
  for (const name of names)
    for (const module of loadOrder(database, name)) {
      const file = database.files.get(module);
      if (file) files.add(file.slice(source.directory.length + 1));
    }
  return [...files].sort();
}

/** What the initrd holds, what rd-base holds: files relative to the modules' directory. @throws RekindleError RK209 */
export async function selectModules(source: ModuleSource): Promise<{ initrd: string[]; rdBase: string[] }> {
  const found = await readdir(source.directory).catch((): string[] => []);
  if (!found.includes('modules.dep')) throw new RekindleError('RK209', `${source.directory}/modules.dep is not there`);
  const database = readModuleDatabase(source.directory, '/nonexistent');
  const loaded = await loadedModules();
  const initrd: string[] = [...mediumModules];
  const rdBase: string[] = [...mediumModules];
  for (const [name, file] of database.files) {
    const path = relativeTo(source, file);
    if (initrdFolders.some((folder) => path.startsWith(folder)) && !initrdLeftOut.test(`/${path}`)) initrd.push(name);
    if (loaded.has(name) || !leftOut.some((folder) => path.startsWith(folder))) rdBase.push(name);
  }
  return { initrd: close(database, source, initrd), rdBase: close(database, source, [...rdBase, ...initrd]) };
}

async function loadedModules(): Promise<Set<string>> {
  const text = await readFile('/proc/modules', 'utf8').catch(() => '');
  const graphics = /^(drm|snd|i915|amdgpu|nouveau|radeon|kvm)/;
  return new Set(
    text
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
      .filter((name) => name !== '' && !graphics.test(name)),
  );
}

/** Writes modules, uncompressed, below `root` and makes their indexes. */
export async function installModules(source: ModuleSource, files: readonly string[], root: string): Promise<void> {
  const target = join(root, 'usr/lib/modules', source.release);
  for (const file of files)
    await writeModule(join(source.directory, file), join(target, file.replace(/\.(xz|zst|gz)$/, '')));
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    const text = await readFile(join(source.directory, name)).catch(() => null);
    if (text) await writeModule(join(source.directory, name), join(target, name));
  }
  await run(['depmod', '-b', join(root, 'usr'), source.release]).catch(async () =>
    run(['depmod', '-b', root, source.release]),
  );
}
