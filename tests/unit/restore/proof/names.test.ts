import { describe, expect, it } from 'vitest';
import type { Device } from '../../../../restore/proof/device.ts';
import { type Names, noNames } from '../../../../restore/proof/reference/names.ts';
import { resolveReference } from '../../../../restore/proof/reference/resolve.ts';
import { device, disk, rootId } from './families.ts';
import { arrays, encrypted, luksId } from './machines.ts';

const volumes: Device[] = [
  device('/dev/mapper/vg--0-my--root', { type: 'lvm', uuid: rootId, below: ['/dev/vda2', '/dev/vda'] }),
  device('/dev/mapper/sdata-root', { type: 'lvm', below: ['/dev/vda2', '/dev/vda'] }),
  device('/dev/vda2', { content: 'LVM2_member', uuid: 'abcdef-0123-abcd-0123-abcd-0123-abcdef' }),
];
const seated: Device = { ...disk, serial: 'S3Z9 NB0K', wwn: 'eui.0025385b71b05d3a' };
const found = (spec: string, devices: readonly Device[], names: Partial<Names> = {}) => {
  const reference = resolveReference(spec, devices, { ...noNames, ...names });
  return reference.kind === 'found' ? reference.device.path : reference.kind;
};

describe('[C11] names of volumes', () => {
  it.each([
    ['/dev/mapper/vg--0-my--root', '/dev/mapper/vg--0-my--root'],
    ['/dev/vg-0/my-root', '/dev/mapper/vg--0-my--root'],
    ['/dev/disk/by-id/dm-name-vg--0-my--root', '/dev/mapper/vg--0-my--root'],
    ['ID=dm-name-vg--0-my--root', '/dev/mapper/vg--0-my--root'],
    ['/dev//vg-0/my-root', '/dev/mapper/vg--0-my--root'],
    ['/dev/sdata/root', '/dev/mapper/sdata-root'],
    ['/dev/disk/by-id/lvm-pv-uuid-abcdef-0123-abcd-0123-abcd-0123-abcdef', '/dev/vda2'],
    ['/dev/disk/by-id/lvm-pv-uuid-ABCDEF-0123-abcd-0123-abcd-0123-abcdef', '/dev/vda2'],
    ['/dev/vg-0/swap', 'missing'],
    ['/dev/mapper/vg--0-swap', 'missing'],
    ['/dev/vg/0-my-root', 'missing'],
  ])('%s is %s', (spec, wanted) => expect(found(spec, volumes)).toBe(wanted));

  it('of a group that is not active nobody can tell, but while a restore goes on', () => {
    const closed = volumes.slice(2);
    expect(found('/dev/vg0/root', closed, { saved: null })).toBe('unknown');
    expect(found('/dev/vg0/root', closed)).toBe('missing');
    expect(found(`UUID=${rootId}`, closed, { saved: null })).toBe('unknown');
  });
});

describe('[C11] names of arrays', () => {
  const hetzner = arrays(['rescue:0', 'rescue:1', 'web01:root']);
  it.each([
    ['/dev/md/0', '/dev/md201'],
    ['/dev/md0', '/dev/md201'],
    ['/dev/md/rescue:1', '/dev/md202'],
    ['/dev/md/root', '/dev/md203'],
    ['/dev/disk/by-id/md-name-web01:root', '/dev/md203'],
    ['/dev/disk/by-id/md-uuid-00000003:00004000:80000000:0000000a', '/dev/md203'],
    ['/dev/md/2', 'missing'],
    ['/dev/md/201', 'missing'],
    ['/dev/md127', 'kernel-name'],
  ])('%s is %s', (spec, wanted) => expect(found(spec, hetzner)).toBe(wanted));

  it('mdadm.conf gives a name whatever the superblock says', () => {
    const named = new Map([['0000000300004000800000000000000a', ['/dev/md/system']]]);
    expect(found('/dev/md/system', hetzner, { arrays: named })).toBe('/dev/md203');
  });

  it('partitions of an array', () => {
    const parted = [...hetzner, device('/dev/md203p1', { below: ['/dev/md203', '/dev/vda3', '/dev/vda'] })];
    for (const spec of ['/dev/md/root1', '/dev/md/rootp1', '/dev/disk/by-id/md-name-web01:root-part1'])
      expect(found(spec, parted), spec).toBe(spec === '/dev/md/root1' ? 'missing' : '/dev/md203p1');
  });

  it('of nameless arrays nobody can tell which', () => {
    expect(resolveReference('/dev/md/2', arrays([null, null, null]))).toMatchObject({
      kind: 'unknown',
      candidates: [{ path: '/dev/md201' }, { path: '/dev/md202' }, { path: '/dev/md203' }],
    });
  });
});

describe('[C11] names of encrypted devices', () => {
  const opened = '/dev/mapper/rekindle-2';
  const mappings = (source: string, fresh: string | null = null) => new Map([['geheim', { source, fresh }]]);
  it.each(['UUID', 'LABEL'])('by the device that is opened as it: %s', (tag) => {
    const source = tag === 'UUID' ? `UUID=${luksId.toUpperCase()}` : 'LABEL=krypta';
    expect(found('/dev/mapper/geheim', encrypted, { mappings: mappings(source) })).toBe(opened);
    expect(found('/dev/disk/by-id/dm-name-geheim', encrypted, { mappings: mappings(source) })).toBe(opened);
  });

  it('by the UUID of the LUKS, and by what the saved machine called it', () => {
    expect(found(`/dev/mapper/luks-${luksId}`, encrypted)).toBe(opened);
    const hex = luksId.replaceAll('-', '');
    expect(found(`/dev/disk/by-id/dm-uuid-CRYPT-LUKS2-${hex}-geheim`, encrypted)).toBe(opened);
    const saved = { names: [{ name: '/dev/mapper/cryptroot', device: opened }], disks: [] };
    expect(found('/dev/mapper/cryptroot', encrypted, { saved })).toBe(opened);
  });

  it('what lies on a device that is gone is gone; what is made at each start will be there', () => {
    expect(found('/dev/mapper/geheim', encrypted, { mappings: mappings('UUID=9999') })).toBe('missing');
    expect(found('/dev/mapper/geheim', encrypted, { mappings: mappings('/dev/vda5', 'swap') })).toBe('made');
    expect(found('/dev/mapper/geheim', encrypted, { mappings: mappings('/dev/mapper/geheim') })).toBe('unknown');
  });

  it('where nobody says what it is called, nobody can tell; where all are named, it is missing', () => {
    expect(found('/dev/mapper/geheim', encrypted)).toBe('unknown');
    const other = new Map([['root', { source: `UUID=${luksId}`, fresh: null }]]);
    expect(found('/dev/mapper/geheim', encrypted, { mappings: other })).toBe('missing');
  });
});

describe('[C11] names of hardware', () => {
  const here = [seated, device('/dev/vda1'), device('/dev/vda2')];
  const links = new Map([
    ['/dev/disk/by-id/nvme-Samsung_SSD_1', '/dev/vda'],
    ['/dev/disk/by-id/nvme-Samsung_SSD_1-part1', '/dev/vda1'],
    ['/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part2', '/dev/vda2'],
    ['/dev/disk/by-id/ata-OLD-part1', '/dev/sdb1'],
  ]);
  it.each([
    ['/dev/disk/by-id/nvme-Samsung_SSD_1-part1', '/dev/vda1'],
    ['/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part2', '/dev/vda2'],
    // Still attached, and not restored.
    ['/dev/disk/by-id/ata-OLD-part1', 'missing'],
    // udev named this disk in the same way, and not so.
    ['/dev/disk/by-id/nvme-Samsung_SSD_2-part1', 'missing'],
    ['/dev/disk/by-id/ata-ST500DM002_Z3T0-part1', 'unknown'],
    ['/dev/disk/by-path/pci-0000:00:17.0-ata-3-part1', 'unknown'],
    // The serial and the WWN are enough.
    ['/dev/disk/by-id/nvme-Samsung_SSD_970_S3Z9_NB0K-part2', '/dev/vda2'],
    ['/dev/disk/by-id/nvme-eui.0025385b71b05d3a-part1', '/dev/vda1'],
    ['/dev/disk/by-id/nvme-eui.0025385b71b05d3a', '/dev/vda'],
    ['/dev/disk/by-id/nvme-eui.0025385b71b05d3a-part9', 'missing'],
    ['/dev/disk/by-dname/vda-part1', 'unknown'],
  ])('%s is %s', (spec, wanted) => expect(found(spec, here, { links })).toBe(wanted));

  it('the serial of the disk that was saved is not that of another one', () => {
    const saved = { names: [], disks: [{ device: '/dev/vda', serial: 'Z3T0000A', wwn: null }] };
    const spec = '/dev/disk/by-id/ata-ST500DM002-1BD142_Z3T0000A-part2';
    expect(resolveReference(spec, here, { ...noNames, saved })).toMatchObject({
      kind: 'missing',
      why: expect.stringContaining('the disk that was saved (serial Z3T0000A)'),
    });
    expect(found(spec, [disk, device('/dev/vda2')], { saved })).toBe('unknown');
    expect(found(spec, [{ ...disk, serial: 'Z3T0000A' }, device('/dev/vda2')], { saved })).toBe('/dev/vda2');
  });
});

describe('[C11] how a name is written', () => {
  const labelled = [
    device('/dev/vda1', { label: 'Größe 1', uuid: rootId }),
    device('/dev/vda2', { label: 'a"b', partitionLabel: 'Boot Platte' }),
  ];
  it.each([
    ["LABEL='Größe 1'", '/dev/vda1'],
    ['"LABEL=Größe 1"', '/dev/vda1'],
    ['/dev/disk/by-label/Gr\\xc3\\xb6\\xc3\\x9fe\\x201', '/dev/vda1'],
    ['/dev/disk/by-label/Größe\\x201', '/dev/vda1'],
    ['LABEL=a"b', '/dev/vda2'],
    ['PARTLABEL="Boot Platte"', '/dev/vda2'],
    ['LABEL=größe 1', 'missing'],
    [`uuid="${rootId.toUpperCase()}"`, '/dev/vda1'],
    ['/dev/sda1', 'kernel-name'],
    ['/dev/nvme0n1p2', 'kernel-name'],
    ['/dev/zram0', 'made'],
    ['/dev/sr0', 'unknown'],
    ['/dev/loop0', 'unknown'],
    ['/dev/zvol/tank/swap', 'unknown'],
    ['/dev/root', 'unknown'],
    ['nas:/srv', 'not-a-device'],
  ])('%s is %s', (spec, wanted) => expect(found(spec, labelled)).toBe(wanted));
});
