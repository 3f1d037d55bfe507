import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeBlock, readSurroundings } from '../../../../build/report/collect/blocks.ts';
import { collectFacts } from '../../../../build/report/collect.ts';
import { type Facts, factsSchema } from '../../../../build/report/facts.ts';
import { renderReport } from '../../../../build/report/render.ts';
import { run } from '../../../../common/run.ts';
import { listBlockDevices } from '../../../../restore/layout/lsblk.ts';
import { sampleLayout } from '../sample-layout.ts';
import { linesOf, temporaryDirectory } from '../temporary.ts';
import { readXml } from './xml.ts';

const subject = { set: '0b5c6f0e-3d0a-4a57-9d0e-6f5b7f1f0c11', createdAt: '2026-11-20T02:00:12.000Z' };
let facts: Facts;
beforeAll(async () => {
  facts = await collectFacts({ layout: null, ...subject });
});

function known<T>(fact: { known: true; value: T } | { known: false; why: string }): T {
  if (!fact.known) throw new Error(fact.why);
  return fact.value;
}

describe('[B16] what this machine says', () => {
  it('is a plain value of the schema that survives JSON', () => {
    expect(factsSchema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
    expect(facts).toMatchObject({ ...subject, holdsBackup: false, bootLoader: null });
    expect(facts.system.machine.hostname).toBe(hostname());
  });

  it('names every disk with its size, as the kernel has them', async () => {
    const { stdout } = await run(['lsblk', '--nodeps', '--noheadings', '--bytes', '--list', '-o', 'NAME,TYPE,SIZE']);
    const disks = linesOf(stdout).flatMap((line) => {
      const [name = '', type, size] = line.trim().split(/\s+/);
      return type === 'disk' && !/^(zram|ram|loop|fd|nbd|sr)/.test(name) && size !== '0' ? [`${name} ${size}`] : [];
    });
    expect(disks.length).toBeGreaterThan(0);
    expect(known(facts.disks).map(({ block }) => `${block.name} ${block.sizeBytes}`)).toEqual(disks);
  });

  it('has the root file system with what df says of it', async () => {
    const root = known(facts.fileSystems).find(({ mountPoint }) => mountPoint === '/');
    const { stdout } = await run(['df', '--block-size=1', '--output=size', '/']);
    expect(root?.usage?.sizeBytes).toBe(Number(stdout.split('\n')[1]));
    expect(root?.usage?.usedBytes).toBeGreaterThan(0);
    expect(known(facts.fileSystems).map(({ type }) => type)).not.toContain('proc');
  });

  it('[B16] has every package that dpkg has installed', async () => {
    const { stdout } = await run(['dpkg', '--list']);
    const installed = linesOf(stdout).filter((line) => /^.i/.test(line));
    const { tool, packages } = known(facts.packages);
    expect(tool).toBe('dpkg');
    expect(packages).toHaveLength(installed.length);
    const version = (await run(['dpkg-query', '-W', '-f=$' + '{Version}', 'e2fsprogs'])).stdout;
    expect(packages.find(({ name }) => name === 'e2fsprogs')?.version).toBe(version);
  });

  it('[B16] has processor, memory and interfaces', async () => {
    expect(known(facts.processor).threads).toBe(Number((await run(['nproc', '--all'])).stdout));
    const total = /MemTotal:\s+(\d+)/.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
    expect(known(facts.memoryBytes)).toBe(Number(total) * 1024);
    const { stdout } = await run(['ip', '-o', '-4', 'address', 'show', 'scope', 'global']);
    const addresses = [...stdout.matchAll(/inet (\S+)/g)].map((match) => match[1]);
    expect(known(facts.interfaces).flatMap((each) => each.addresses)).toEqual(expect.arrayContaining(addresses));
  });

  it('makes a page, with this machine and nothing secret in it', async () => {
    const page = renderReport(facts);
    readXml(page);
    expect(page).toContain(hostname());
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
    const shadow = await readFile('/etc/shadow', 'utf8');
    const hashes = shadow
      .split('\n')
      .flatMap((line) => ((line.split(':')[1] ?? '').length > 8 ? [line.split(':')[1] ?? ''] : []));
    for (const hash of hashes) expect(page.includes(hash)).toBe(false);
    expect(page).not.toMatch(/PRIVATE KEY|\$[156y]\$/);
  });
});

describe('[B16] what the layout says', () => {
  it('marks its disks as saved and names the boot loader', async () => {
    const disk = known(facts.disks)[0];
    const layout = await sampleLayout('/');
    const [saved] = layout.disks;
    if (!disk || !saved) throw new Error('no disk');
    const found = await collectFacts({
      layout: {
        ...layout,
        disks: [
          {
            ...saved,
            name: disk.block.name,
            sizeBytes: disk.block.sizeBytes,
            table: saved.table?.replaceAll('/dev/sda', `/dev/${disk.block.name}`) ?? null,
          },
        ],
        nodes: layout.nodes.map((node) => ({ ...node, notSaved: 'ntfs "Windows"' })),
        boot: { ...layout.boot, loader: 'grub2', disk: 'disk0' },
      },
      ...subject,
    });
    expect(found.holdsBackup).toBe(true);
    expect(found.system.machine.hostname).toBe('sample');
    expect(found.bootLoader).toEqual({ loader: 'grub2', disk: disk.block.name, efiEntries: [] });
    const [first] = known(found.disks);
    expect(first).toMatchObject({ saved: true, table: 'dos' });
    expect(first?.partitions).toMatchObject([
      {
        number: 1,
        startBytes: 2048 * 512,
        type: '83',
        block: { name: `${disk.block.name}1`, sizeBytes: 2000000 * 512, notSaved: 'ntfs "Windows"' },
      },
    ]);
  });
});

describe('[B16] a device', () => {
  it('is described by what lies on it: a file system with a hostile label, mounted', async () => {
    const directory = await temporaryDirectory();
    const image = join(directory, 'image');
    const mountPoint = join(directory, 'mnt');
    await run(['truncate', '-s', '64M', image]);
    await run(['mkfs.ext4', '-q', '-m', '0', '-L', '<b>"&\' x', image]);
    await run(['mkdir', mountPoint]);
    await run(['mount', '-o', 'loop', image, mountPoint]);
    onTestFinished(async () => {
      await run(['umount', mountPoint], { okExit: [0, 32] });
    });
    await run(['dd', 'if=/dev/zero', `of=${join(mountPoint, 'file')}`, 'bs=1M', 'count=20', 'status=none']);
    await run(['sync', '-f', mountPoint]);

    const source = (await run(['findmnt', '-n', '-o', 'SOURCE', mountPoint])).stdout.trim();
    const devices = await listBlockDevices();
    const device = devices.find(({ path }) => path === source);
    if (!device) throw new Error(`${source} is not listed`);
    const found = await describeBlock(device, await readSurroundings(devices));
    expect(found).toMatchObject({ content: 'ext4', label: '<b>"&\' x', sizeBytes: 64 << 20, mounts: [mountPoint] });
    expect(found.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(found.usedBytes).toBeGreaterThan(20 << 20);
    expect(found.usedBytes).toBeLessThan(40 << 20);
  });
});
