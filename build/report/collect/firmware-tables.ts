import { join } from 'node:path';
import type { FirmwareTables } from '../facts.ts';
import { NothingKnown, readFact } from './ask.ts';

/** What makers leave in a field that they did not fill. */
const placeholder =
  /^(to be filled by o\.?e\.?m\.?|default string|not (specified|applicable|available)|none|unknown|system (serial number|product name|manufacturer|version)|o\.e\.m\.|0+|\.+|-+)$/i;

/** SMBIOS 3.7, 7.4.1: chassis types. */
const chassisTypes: Record<string, string> = {
  '3': 'desktop',
  '4': 'low profile desktop',
  '5': 'pizza box',
  '6': 'mini tower',
  '7': 'tower',
  '8': 'portable',
  '9': 'laptop',
  '10': 'notebook',
  '13': 'all in one',
  '14': 'sub notebook',
  '17': 'main server chassis',
  '23': 'rack mount chassis',
  '28': 'blade',
  '29': 'blade enclosure',
  '30': 'tablet',
  '31': 'convertible',
  '35': 'mini PC',
  '36': 'stick PC',
};

/** Maker, model, serial and firmware from what the kernel shows of SMBIOS, else from the device tree. */
export async function readFirmwareTables(root = '/'): Promise<FirmwareTables> {
  const field = (name: string) => readField(join(root, 'sys/class/dmi/id', name));
  const joined = async (...names: string[]): Promise<string | null> => {
    const words = (await Promise.all(names.map(field))).filter((word) => word !== null);
    return words.length === 0 ? null : [...new Set(words)].join(' ');
  };
  const model = await readField(join(root, 'proc/device-tree/model'));
  const tables: FirmwareTables = {
    maker: await field('sys_vendor'),
    product: (await joined('product_name', 'product_version')) ?? model,
    serial: (await field('product_serial')) ?? (await readField(join(root, 'proc/device-tree/serial-number'))),
    chassis: chassisTypes[(await field('chassis_type')) ?? ''] ?? null,
    board: await joined('board_vendor', 'board_name', 'board_version'),
    firmware: await joined('bios_vendor', 'bios_version', 'bios_date'),
  };
  if (Object.values(tables).every((value) => value === null))
    throw new NothingKnown('this machine has no SMBIOS tables in /sys/class/dmi');
  return tables;
}

async function readField(path: string): Promise<string | null> {
  // Strings of a device tree end in a zero byte.
  const text = (await readFact(path))?.replaceAll('\0', '').trim() ?? '';
  return text === '' || placeholder.test(text) ? null : text;
}
