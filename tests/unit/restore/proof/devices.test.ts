import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { chainsOf, listBlockDevices } from '../../../../restore/layout/lsblk.ts';
import { parseProbe } from '../../../../restore/layout/probe.ts';
import type { Device } from '../../../../restore/proof/device.ts';
import { readDevices } from '../../../../restore/proof/devices.ts';
import { resolveReference } from '../../../../restore/proof/reference/resolve.ts';

const esp = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const partId = '11111111-2222-4333-8444-555555555555';
const table = `label: gpt
size=8M, type=${esp}, name="EFI"
size=8M, uuid=${partId}, name="Mein Boot Ü"
`;

let work = '';
let loop = '';
let devices: Device[] = [];
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-devices-'));
  const image = join(work, 'disk');
  await run(['truncate', '-s', '24M', image]);
  await run(['sfdisk', '-q', image], { input: table });
  loop = (await run(['losetup', '--show', '-f', image])).stdout.trim();
  // Another process may have left its partitions on this loop device.
  await run(['partx', '-d', loop], { okExit: [0, 1] });
  await run(['partx', '-a', loop]);
  await run(['mke2fs', '-q', '-t', 'ext4', '-L', 'boot', `${loop}p2`]);
  const disk = chainsOf(await listBlockDevices()).find(({ device }) => device.path === loop);
  devices = await readDevices(disk ? [disk.device] : []);
});
afterAll(async () => {
  await run(['partx', '-d', loop], { okExit: [0, 1] });
  await run(['losetup', '-d', loop], { okExit: [0, 1] });
  rmSync(work, { recursive: true });
});

describe('[C11] the devices of a real disk', () => {
  it('know what their entries in the partition table say', () => {
    expect(devices.find(({ path }) => path === `${loop}p1`)).toMatchObject({
      partitionType: esp.toLowerCase(),
      partitionLabel: 'EFI',
    });
    expect(devices.find(({ path }) => path === `${loop}p2`)).toMatchObject({
      partitionId: partId,
      partitionLabel: 'Mein Boot Ü',
    });
  });

  it.each([
    'PARTLABEL=Mein Boot Ü',
    'PARTLABEL="Mein Boot Ü"',
    '/dev/disk/by-partlabel/Mein\\x20Boot\\x20Ü',
    '/dev/disk/by-partlabel/Mein\\x20Boot\\x20\\xc3\\x9c',
    `PARTUUID=${partId.toUpperCase()}`,
    `/dev/disk/by-partuuid/${partId}`,
    'LABEL=boot',
  ])('are found by %s', (spec) => {
    expect(resolveReference(spec, devices)).toMatchObject({ kind: 'found', device: { path: `${loop}p2` } });
  });

  it('blkid says it under names of udev', () => {
    const said = 'ID_PART_ENTRY_NAME=Mein\\x20Boot\\x20Ü\nID_PART_ENTRY_TYPE=0x83\nID_FS_TYPE=ext4\n';
    expect(parseProbe(said)).toEqual({ PART_ENTRY_NAME: 'Mein Boot Ü', PART_ENTRY_TYPE: '0x83', TYPE: 'ext4' });
  });
});
