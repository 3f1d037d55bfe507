import { readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BusDevice } from '../facts.ts';
import { NothingKnown, readFact, runTool } from './ask.ts';

/** PCI devices with names where lspci is there, else with their numbers and drivers from sysfs. */
export async function readPciDevices(): Promise<BusDevice[]> {
  const named = await runTool(['lspci', '-vmmnnk']).then(
    ({ stdout }) => parsePci(stdout),
    () => [],
  );
  return named.length > 0 ? named : readPciFromSysfs('/sys/bus/pci/devices');
}

/** Reads the output of `lspci -vmmnnk`: a block of "Name:<tab>value" lines for each device. */
export function parsePci(output: string): BusDevice[] {
  return output.split(/\n\s*\n/).flatMap((block) => {
    const field = (name: string): string | null => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(block)?.[1] ?? null;
    const address = field('Slot');
    if (address === null) return [];
    const [vendor, device] = ['Vendor', 'Device'].map((name) => splitId(field(name) ?? ''));
    const name = [vendor?.name, device?.name].filter((word) => word !== undefined && word !== '').join(' ');
    return [
      {
        address,
        kind: splitId(field('Class') ?? '').name || null,
        name,
        id: vendor?.id && device?.id ? `${vendor.id}:${device.id}` : null,
        driver: field('Driver'),
      },
    ];
  });
}

/** 'Red Hat, Inc. [1af4]' */
function splitId(text: string): { name: string; id: string } {
  const match = /^(.*?)\s*\[([0-9a-f]{4})\]$/.exec(text);
  return { name: match?.[1] ?? text, id: match?.[2] ?? '' };
}

/** PCI Code and ID Assignment Specification: base classes. */
const baseClasses: Record<string, string> = {
  '01': 'Storage controller',
  '02': 'Network controller',
  '03': 'Display controller',
  '04': 'Multimedia controller',
  '05': 'Memory controller',
  '06': 'Bridge',
  '07': 'Communication controller',
  '08': 'System peripheral',
  '09': 'Input device',
  '0c': 'Serial bus controller',
  '0d': 'Wireless controller',
  '10': 'Encryption controller',
  '12': 'Processing accelerator',
};

async function readPciFromSysfs(directory: string): Promise<BusDevice[]> {
  const addresses = await readdir(directory).catch(() => {
    throw new NothingKnown('this machine shows no PCI bus');
  });
  return Promise.all(
    addresses.toSorted().map(async (address) => {
      const number = async (name: string): Promise<string> =>
        (await readFact(join(directory, address, name)))?.replace(/^0x/, '') ?? '';
      const [kind, vendor, device] = await Promise.all([number('class'), number('vendor'), number('device')]);
      return {
        address,
        kind: baseClasses[kind.slice(0, 2)] ?? null,
        name: '',
        id: `${vendor}:${device}`,
        driver: await linkName(join(directory, address, 'driver')),
      };
    }),
  );
}

/** Name that a link of sysfs points to; null without the link. */
export async function linkName(path: string): Promise<string | null> {
  const target = await readlink(path).catch(() => null);
  return target === null ? null : basename(target);
}

/** USB devices from sysfs, which has their names too; the buses' own root hubs are left out. */
export async function readUsbDevices(directory = '/sys/bus/usb/devices'): Promise<BusDevice[]> {
  const names = await readdir(directory).catch(() => {
    throw new NothingKnown('this machine shows no USB bus');
  });
  // '1-4.2' is a device, 'usb1' a root hub, '1-4.2:1.0' an interface of a device.
  const devices = names.filter((name) => /^\d+-[\d.]+$/.test(name)).toSorted();
  return Promise.all(
    devices.map(async (address) => {
      const field = (name: string) => readFact(join(directory, address, name));
      const [maker, product, vendor, id] = await Promise.all(
        ['manufacturer', 'product', 'idVendor', 'idProduct'].map(field),
      );
      return {
        address,
        kind: (await field('bDeviceClass')) === '09' ? 'Hub' : null,
        name: [maker, product].filter((word) => word != null).join(' '),
        id: vendor && id ? `${vendor}:${id}` : null,
        driver: await linkName(join(directory, `${address}:1.0`, 'driver')),
      };
    }),
  );
}
