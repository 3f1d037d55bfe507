import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What the kernel calls a driver, where the module has another name. */
const moduleNames: Record<string, string> = { sd: 'sd_mod' };
/** Drivers without which no disk appears; buses and bridges that every kernel has built in are left out. */
const known =
  /^(sd|ahci|ata_|pata_|sata_|nvme|virtio|xhci|ehci|uhci|ohci|usb-storage|uas|mmc|sdhci|mpt|mega|hpsa|aacraid|vmw_pvscsi|hv_|xen|sym53|BusLogic|isci|smartpqi|3w|arcmsr|qla|lpfc)/i;

/**
 * Kernel modules that this machine uses to reach a disk: drivers of the disk and of everything between it and the
 * processor, as /sys shows them now. Empty for a disk that is no hardware (loop). @param disk '/dev/vda'
 */
export function controllerModules(disk: string): string[] {
  const start = join('/sys/class/block', basename(disk), 'device');
  if (!existsSync(start)) return [];
  const modules = new Set<string>();
  for (let at = realpathSync(start); at !== '/sys/devices' && at !== '/'; at = dirname(at)) {
    const driver = join(at, 'driver');
    if (!existsSync(driver)) continue;
    const name = basename(readlinkSync(driver));
    const module = join(driver, 'module');
    if (existsSync(module)) modules.add(basename(readlinkSync(module)));
    else if (known.test(name)) modules.add(moduleNames[name] ?? name);
  }
  return [...modules].map((name) => name.replaceAll('-', '_'));
}
