import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addParameters,
  findModules,
  loadOrder,
  type ModuleDatabase,
  readModuleDatabase,
} from '../../../../init/modules/database.ts';
import { ModuleLoader } from '../../../../init/modules/loader.ts';

let directory = '';
let database: ModuleDatabase;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'modules-'));
  const write = (name: string, lines: string[]): void => writeFileSync(join(directory, name), `${lines.join('\n')}\n`);
  write('modules.dep', [
    'kernel/ahci.ko: kernel/libahci.ko kernel/libata.ko kernel/scsi_mod.ko',
    'kernel/libahci.ko: kernel/libata.ko kernel/scsi_mod.ko',
    'kernel/libata.ko: kernel/scsi_mod.ko',
    'kernel/scsi_mod.ko:',
    'kernel/st.ko: kernel/scsi_mod.ko',
    'kernel/crc32c-intel.ko:',
    'kernel/libcrc32c.ko:',
    'kernel/pcspkr.ko:',
    'kernel/ext4.ko:',
    'kernel/crc32c_generic.ko:',
  ]);
  write('modules.alias', [
    '# Aliases extracted from modules themselves.',
    'alias pci:v00008086d00002922sv*sd*bc*sc*i* ahci',
    'alias pci:v*d*sv*sd*bc01sc06i01* ahci',
    'alias scsi:t-0x01* st',
    'alias platform:pcspkr pcspkr',
    'alias crc32c crc32c_generic',
    'alias crypto-crc32c crc32c_generic',
  ]);
  write('modules.softdep', [
    'softdep ext4 pre: crc32c',
    'softdep libcrc32c pre: crc32c-intel missing-one',
    'softdep st post: crc32c_intel',
  ]);
  write('modules.builtin', ['kernel/drivers/virtio/virtio_pci.ko']);
  mkdirSync(join(directory, 'modprobe.d'));
  writeFileSync(
    join(directory, 'modprobe.d/x.conf'),
    'blacklist pcspkr\noptions usb-storage delay_use=3\ninstall st modprobe sg; touch /must-never-run\n',
  );
  database = readModuleDatabase(directory, join(directory, 'modprobe.d'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('modules', () => {
  it('[A6] are found by modalias, wildcards included, each once', () => {
    expect(findModules(database, 'pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01')).toEqual(['ahci']);
    expect(findModules(database, 'pci:v00001022d00007901sv0sd0bc01sc06i01')).toEqual(['ahci']);
    expect(findModules(database, 'usb:v1234p5678')).toEqual([]);
  });

  it('[A6] an install rule such as "install st modprobe sg" does not break detection: it is never run', () => {
    expect(findModules(database, 'scsi:t-0x01')).toEqual(['st']);
    expect(loadOrder(database, 'st')).toEqual(['scsi_mod', 'st', 'crc32c_intel']);
  });

  it('are loaded with their dependencies before them', () => {
    expect(loadOrder(database, 'ahci')).toEqual(['scsi_mod', 'libata', 'libahci', 'ahci']);
  });

  it('honour soft dependencies and leave out those that do not exist', () => {
    expect(loadOrder(database, 'libcrc32c')).toEqual(['crc32c_intel', 'libcrc32c']);
  });

  it('honour soft dependencies on an alias: without them the kernel would call modprobe, which is not there', () => {
    expect(loadOrder(database, 'ext4')).toEqual(['crc32c_generic', 'ext4']);
  });

  it('take options from modprobe.d and from the kernel command line', () => {
    expect(database.parameters.get('usb_storage')).toBe('delay_use=3');
    addParameters(database.parameters, 'usb_storage', 'quirks=0951:1666:u');
    expect(database.parameters.get('usb_storage')).toBe('delay_use=3 quirks=0951:1666:u');
  });

  it('that fail are named with the reason, the module that needs them too', () => {
    const loader = new ModuleLoader(database);
    const result = loader.load('libahci');
    expect(result.outcome).toBe('failed');
    expect(result.outcome === 'failed' && result.reason).toMatch(/scsi_mod: .*ENOENT.*libahci: /);
    expect(loader.load('nonsense')).toEqual({
      outcome: 'failed',
      reason: "nonsense: it is not among this kernel's modules",
    });
    expect(loader.load('virtio_pci')).toEqual({ outcome: 'present' });
    expect(loader.failures()).toContain("nonsense: it is not among this kernel's modules");
  });

  it('honour blacklists for devices, and know what is built in', () => {
    expect(findModules(database, 'platform:pcspkr')).toEqual([]);
    expect(loadOrder(database, 'virtio-pci')).toEqual([]);
  });
});
