import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModules, loadOrder, type ModuleDatabase, readModuleDatabase } from '../../../init/modules/database.ts';

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
  ]);
  write('modules.alias', [
    '# Aliases extracted from modules themselves.',
    'alias pci:v00008086d00002922sv*sd*bc*sc*i* ahci',
    'alias pci:v*d*sv*sd*bc01sc06i01* ahci',
    'alias scsi:t-0x01* st',
    'alias platform:pcspkr pcspkr',
  ]);
  write('modules.softdep', ['softdep libcrc32c pre: crc32c-intel missing-one', 'softdep st post: crc32c_intel']);
  write('modules.builtin', ['kernel/drivers/virtio/virtio_pci.ko']);
  mkdirSync(join(directory, 'modprobe.d'));
  writeFileSync(
    join(directory, 'modprobe.d/x.conf'),
    'blacklist pcspkr\ninstall st modprobe sg; touch /must-never-run\n',
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

  it('honour blacklists for devices, and know what is built in', () => {
    expect(findModules(database, 'platform:pcspkr')).toEqual([]);
    expect(loadOrder(database, 'virtio-pci')).toEqual([]);
  });
});
