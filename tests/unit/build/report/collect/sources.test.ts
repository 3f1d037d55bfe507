import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, NothingKnown, runTool } from '../../../../../build/report/collect/ask.ts';
import { hideCredentials, readSwaps, selectMounts } from '../../../../../build/report/collect/file-systems.ts';
import { parseInterfaces, parseRoutes, readResolver } from '../../../../../build/report/collect/network.ts';
import { parsePacman, parseTabs } from '../../../../../build/report/collect/packages.ts';
import { placesOfTable } from '../../../../../build/report/collect/partitions.ts';
import { parseProcessor } from '../../../../../build/report/collect/processor.ts';
import { run } from '../../../../../common/run.ts';
import { temporaryDirectory } from '../../temporary.ts';

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
