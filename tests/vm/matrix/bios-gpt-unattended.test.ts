import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, Machine } from '../harness/machine.ts';
import { patience } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

const answer = 'afterwards = "poweroff"\ncountdown = 3\n\n[[disk]]\nsource = "disk0"\nserial = "TARGET01"\n';

/** (c) BIOS with GPT and a BIOS boot partition, unattended, chosen in the medium's own boot menu. */
describe('a BIOS machine with GPT, unattended', () => {
  let saved: Saved;
  let work = '';
  let target = '';

  beforeAll(async () => {
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    const file = join(cacheDirectory, 'answer.toml');
    await writeFile(file, answer);
    saved = await savedMachine({
      shape: shapes.biosGpt,
      smallFiles: 100_000,
      create: ['--answer', '/mnt/t/answer.toml'],
      files: { 'answer.toml': file },
    });
    target = await blankDisk(join(work, 'target.img'), `${shapes.biosGpt.sizeMiB}M`);
  });

  afterAll(async () => {
    await rm(work, { recursive: true, force: true });
  });

  async function startAutomatically(name: string, other?: string): Promise<Machine> {
    const disks = [{ file: target, serial: 'TARGET01' }, ...(other ? [{ file: other, serial: 'TARGET01' }] : [])];
    const machine = await Machine.start({ name, boot: 'cdrom', cdrom: saved.medium, disks, memory: 512 });
    await machine.expectScreen(/Rekindle: restore this machine without/, 60);
    machine.send('2');
    machine.send('\r');
    return machine;
  }

  it('[C14] two disks that fit the answer file: refused, nothing written', async () => {
    const other = await blankDisk(join(work, 'other.img'), '4G');
    const machine = await startAutomatically('auto-two-disks', other);
    try {
      await machine.expectScreen(/RK460/, patience.boot + patience.verify);
    } finally {
      await machine.close();
    }
  });

  it('[C14] [C1] [C9] restores by the answer file after a countdown and powers off', async () => {
    const machine = await startAutomatically('auto-restore');
    try {
      await machine.expectScreen(/It starts in \d s/, patience.boot);
      await machine.expectEnd(patience.verify + patience.restore);
    } finally {
      await machine.close();
    }
    await expectSame(saved.disk, target);
  });

  it('boots to its login prompt', async () => {
    await expectBoots({ name: 'boot-bios-gpt', disks: [{ file: target, serial: 'TARGET01' }] });
  });

  it('[C14] started again with the disc left in: no second wipe', async () => {
    const machine = await startAutomatically('auto-again');
    try {
      const screen = await machine.expectScreen(/RK461/, patience.boot + patience.verify);
      expect(screen).toContain('Nothing was written');
    } finally {
      await machine.close();
    }
  });
});
