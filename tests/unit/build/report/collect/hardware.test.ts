import { mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NothingKnown } from '../../../../../build/report/collect/ask.ts';
import { parsePci, readPciDevices, readUsbDevices } from '../../../../../build/report/collect/bus-devices.ts';
import { readFirmwareTables } from '../../../../../build/report/collect/firmware-tables.ts';
import { parseMemoryModules } from '../../../../../build/report/collect/memory.ts';
import { parseProcessor } from '../../../../../build/report/collect/processor.ts';
import { temporaryDirectory } from '../../temporary.ts';

async function writeTree(directory: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

describe('[B16] the hardware', () => {
  it('has maker and serial, not what makers leave unfilled', async () => {
    const root = await temporaryDirectory();
    await expect(readFirmwareTables(root)).rejects.toThrow(NothingKnown);
    await writeTree(join(root, 'sys/class/dmi/id'), {
      sys_vendor: 'Dell Inc.\n',
      product_name: 'PowerEdge R640\n',
      product_version: 'Not Specified\n',
      product_serial: 'To Be Filled By O.E.M.\n',
      chassis_type: '23\n',
      board_vendor: 'Dell Inc.\n',
      board_name: '0H28RR\n',
      bios_vendor: 'Dell Inc.\n',
      bios_version: '2.17.1\n',
    });
    expect(await readFirmwareTables(root)).toEqual({
      maker: 'Dell Inc.',
      product: 'PowerEdge R640',
      serial: null,
      chassis: 'rack mount chassis',
      board: 'Dell Inc. 0H28RR',
      firmware: 'Dell Inc. 2.17.1',
    });
  });

  it('of a machine with a device tree has its model', async () => {
    const root = await temporaryDirectory();
    await writeTree(join(root, 'proc/device-tree'), {
      model: 'Raspberry Pi 4 Model B\0',
      'serial-number': '10000000abcd\0',
    });
    expect(await readFirmwareTables(root)).toMatchObject({ product: 'Raspberry Pi 4 Model B', serial: '10000000abcd' });
  });

  it('has memory modules as dmidecode lists them, without empty slots', () => {
    const output = [
      'Physical Memory Array\n\tLocation: System Board Or Motherboard\n\tNumber Of Devices: 2\n',
      'Memory Device\n\tSize: 16 GB\n\tForm Factor: DIMM\n\tLocator: DIMMA1\n\tBank Locator: P0\n\tType: DDR4\n\tSpeed: 2667 MT/s\n\tManufacturer: Micron\n\tSerial Number: 2A1B\n\tPart Number: 18ADF2G\n',
      'Memory Device\n\tSize: No Module Installed\n\tLocator: DIMMB1\n',
    ].join('\n');
    expect(parseMemoryModules(output)).toEqual([
      { slot: 'DIMMA1', size: '16 GB', kind: 'DDR4 DIMM 2667 MT/s', part: 'Micron 18ADF2G', serial: '2A1B' },
    ]);
  });

  it('has processors in the flat and the nested form of lscpu', () => {
    const flat = [
      { field: 'CPU(s):', data: '8' },
      { field: 'Model name:', data: 'Xeon' },
      { field: 'Socket(s):', data: '2' },
    ];
    const nested = [
      { field: 'CPU(s):', data: '8', children: [{ field: 'On-line CPU(s) list:', data: '0-7' }] },
      {
        field: 'Vendor ID:',
        data: 'GenuineIntel',
        children: [{ field: 'Model name:', data: 'Xeon', children: [{ field: 'Socket(s):', data: '2' }] }],
      },
    ];
    for (const lscpu of [flat, nested])
      expect(parseProcessor(JSON.stringify({ lscpu }))).toEqual({
        model: 'Xeon',
        threads: 8,
        details: [['Socket(s)', '2']],
      });
  });

  it('has PCI devices with names from lspci, with numbers and drivers without', async () => {
    const output =
      'Slot:\t00:03.0\nClass:\tEthernet controller [0200]\nVendor:\tRed Hat, Inc. [1af4]\nDevice:\tVirtio 1.0 network device [1041]\nDriver:\tvirtio-pci\n\nSlot:\t00:04.0\nClass:\tBridge [0600]\nVendor:\tIntel [8086]\nDevice:\tDevice [0d57]\n\n';
    expect(parsePci(output)).toEqual([
      {
        address: '00:03.0',
        kind: 'Ethernet controller',
        name: 'Red Hat, Inc. Virtio 1.0 network device',
        id: '1af4:1041',
        driver: 'virtio-pci',
      },
      { address: '00:04.0', kind: 'Bridge', name: 'Intel Device', id: '8086:0d57', driver: null },
    ]);
    for (const { id, driver, address } of await readPciDevices()) {
      expect(id).toMatch(/^[0-9a-f]{4}:[0-9a-f]{4}$/);
      const slot = address.includes('.') && address.split(':').length === 2 ? `0000:${address}` : address;
      const link = await readlink(`/sys/bus/pci/devices/${slot}/driver`).catch(() => null);
      expect(driver).toBe(link === null ? null : link.split('/').at(-1));
    }
  });

  it('has USB devices, not the root hubs and interfaces', async () => {
    const directory = await temporaryDirectory();
    await writeTree(directory, {
      'usb1/idVendor': '1d6b',
      '1-4.2/manufacturer': 'Kingston\n',
      '1-4.2/product': 'DataTraveler\n',
      '1-4.2/idVendor': '0951\n',
      '1-4.2/idProduct': '1666\n',
      '1-4.2:1.0/bInterfaceClass': '08\n',
    });
    await symlink('../../drivers/usb-storage', join(directory, '1-4.2:1.0/driver'));
    expect(await readUsbDevices(directory)).toEqual([
      { address: '1-4.2', kind: null, name: 'Kingston DataTraveler', id: '0951:1666', driver: 'usb-storage' },
    ]);
  });
});
