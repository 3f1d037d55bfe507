import { mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, NothingKnown, runTool } from '../../../../../build/report/collect/ask.ts';
import { parsePci, readPciDevices, readUsbDevices } from '../../../../../build/report/collect/bus-devices.ts';
import { hideCredentials, readSwaps, selectMounts } from '../../../../../build/report/collect/file-systems.ts';
import { readFirmwareTables } from '../../../../../build/report/collect/firmware-tables.ts';
import { parseMemoryModules } from '../../../../../build/report/collect/memory.ts';
import { parseInterfaces, parseRoutes, readResolver } from '../../../../../build/report/collect/network.ts';
import { parsePacman, parseTabs } from '../../../../../build/report/collect/packages.ts';
import { placesOfTable } from '../../../../../build/report/collect/partitions.ts';
import { parseProcessor } from '../../../../../build/report/collect/processor.ts';
import { run } from '../../../../../common/run.ts';
import { temporaryDirectory } from '../../temporary.ts';

async function writeTree(directory: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

describe('[B16] a source that is missing', () => {
  it('is named', async () => {
    expect(await ask(() => runTool(['no-such-tool', '--all']))).toEqual({
      known: false,
      why: 'no-such-tool is not installed here',
    });
    expect(await ask(() => runTool(['ls', '/no/such/path']))).toMatchObject({
      known: false,
      why: expect.stringContaining('No such file'),
    });
    expect(await ask(() => Promise.reject(new NothingKnown('nothing there')))).toEqual({
      known: false,
      why: 'nothing there',
    });
    expect(await ask(async () => parseProcessor('{"lscpu": 7}'))).toMatchObject({ known: false });
  });
});

describe('[B16] a partition table', () => {
  it('is read as sfdisk wrote it', async () => {
    const image = join(await temporaryDirectory(), 'disk');
    await run(['truncate', '-s', '64M', image]);
    const lines = [
      'start=4096, size=8192, type=c, bootable',
      'start=12288, size=20480, type=5',
      'start=14336, size=4096',
    ];
    await run(['sfdisk', '--quiet', image], { input: `label: dos\n${lines.join('\n')}\n` });
    const { label, places } = placesOfTable((await run(['sfdisk', '--dump', image])).stdout, 512);
    expect(label).toBe('dos');
    expect(places).toMatchObject([
      { number: 1, startBytes: 4096 * 512, sizeBytes: 8192 * 512, type: 'c', bootable: true, extended: false },
      { number: 2, startBytes: 12288 * 512, extended: true },
      { number: 5, startBytes: 14336 * 512, sizeBytes: 4096 * 512, type: '83', extended: false },
    ]);
  });

  it('of an older sfdisk counts in the sectors of the disk', () => {
    const dump =
      'label: gpt\ndevice: /dev/sda\nunit: sectors\n\n/dev/sda1 : start= 256, size= 512, type=X, name="a\\x22b"\n';
    expect(placesOfTable(dump, 4096).places).toMatchObject([
      { startBytes: 1 << 20, sizeBytes: 2 << 20, partitionName: 'a"b' },
    ]);
  });
});

describe('[B16] mounted file systems', () => {
  const mount = (target: string, more: object = {}) => ({
    source: '/dev/sda1',
    target,
    fstype: 'ext4',
    options: 'rw',
    fsroot: '/',
    'maj:min': '8:1',
    ...more,
  });

  it('come once each, without what the kernel makes up', () => {
    const chosen = selectMounts([
      mount('/'),
      mount('/proc', { fstype: 'proc', 'maj:min': '0:5' }),
      mount('/var/lib/bind', { fsroot: '/srv' }),
      mount('/data', { source: '/dev/sdb[/@]', fstype: 'btrfs', fsroot: '/@', 'maj:min': '0:40' }),
      mount('/data/home', { source: '/dev/sdb[/@home]', fstype: 'btrfs', fsroot: '/@home', 'maj:min': '0:40' }),
    ]);
    expect(chosen.map(({ target }) => target)).toEqual(['/', '/data', '/data/home']);
  });

  it('show no credentials of a network source', () => {
    expect(hideCredentials('//user:pa$s@nas/share')).toBe('//nas/share');
    expect(hideCredentials('https://me:secret@dav.example.org/x')).toBe('https://dav.example.org/x');
    expect(hideCredentials('nas:/export/a@b')).toBe('nas:/export/a@b');
  });

  it('and swap, in bytes', async () => {
    const path = join(await temporaryDirectory(), 'swaps');
    await writeFile(path, 'Filename\t\tType\t\tSize\tUsed\tPriority\n/dev/sda2    partition\t1048572\t512\t-2\n');
    expect(await readSwaps(path)).toEqual([
      { path: '/dev/sda2', type: 'partition', sizeBytes: 1048572 * 1024, usedBytes: 512 * 1024 },
    ]);
  });
});

describe('[B16] the network', () => {
  it('is what ip says: a bond, its members, no loopback', () => {
    const output = JSON.stringify([
      {
        ifname: 'lo',
        operstate: 'UNKNOWN',
        mtu: 65536,
        addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }],
      },
      { ifname: 'eno1', operstate: 'UP', master: 'bond0', address: '0c:c4:7a:11:22:33', mtu: 1500, addr_info: [] },
      {
        ifname: 'bond0',
        operstate: 'UP',
        mtu: 1500,
        linkinfo: { info_kind: 'bond', info_data: {} },
        addr_info: [{ family: 'inet', local: '192.0.2.7', prefixlen: 24 }, {}],
      },
      {},
    ]);
    expect(parseInterfaces(output)).toMatchObject([
      { name: 'eno1', state: 'up', master: 'bond0', mac: '0c:c4:7a:11:22:33', addresses: [] },
      { name: 'bond0', kind: 'bond', mac: null, addresses: ['192.0.2.7/24'] },
    ]);
  });

  it('has routes, none where the table is empty', () => {
    expect(parseRoutes('')).toEqual([]);
    expect(parseRoutes('[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","metric":100,"flags":[]}]')).toEqual([
      { destination: 'default', gateway: '192.0.2.1', device: 'eth0', source: null, metric: 100 },
    ]);
  });

  it('has name servers without what people wrote beside them', async () => {
    const path = join(await temporaryDirectory(), 'resolv.conf');
    await writeFile(
      path,
      '# the password of the router is 1234\nnameserver 192.0.2.53\n ; more\nsearch example.org\nsecret x\n',
    );
    expect(await readResolver(path)).toEqual(['nameserver 192.0.2.53', 'search example.org']);
  });
});

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

describe('[B16] packages', () => {
  it('are those that are installed, not removed ones or keys', () => {
    expect(parseTabs('acl\t2.3\tamd64\tinstalled\nold\t1\tall\tconfig-files\n')).toEqual([
      { name: 'acl', version: '2.3', architecture: 'amd64' },
    ]);
    expect(parseTabs('bash\t5.2-1\tx86_64\ngpg-pubkey\t1-2\t(none)\n')).toEqual([
      { name: 'bash', version: '5.2-1', architecture: 'x86_64' },
    ]);
    expect(parsePacman('bash 5.2.037-1\n')).toEqual([{ name: 'bash', version: '5.2.037-1', architecture: '' }]);
  });
});
