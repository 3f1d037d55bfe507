import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, Machine } from '../harness/machine.ts';
import { type Console, patience, planOnto, rebootThrough, serialConsole } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

const passphrase = 'correct horse, battery';

/** An encrypted set in several volumes, restored with one drive: the discs are put in as they are asked for. */
describe('an encrypted set in volumes, one drive', () => {
  let saved: Saved;
  let work = '';
  let target = '';
  let machine: Machine;
  let screen: Console;

  beforeAll(async () => {
    const secret = join(cacheDirectory, 'secret');
    await writeFile(secret, `${passphrase}\n`);
    saved = await savedMachine({
      shape: shapes.mbr,
      smallFiles: 2000,
      create: ['--volume-size', '230M', '--passphrase-fd', '7', '7<', '/mnt/t/secret'],
      files: { secret },
    });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    target = await blankDisk(join(work, 'target.img'), `${shapes.mbr.sizeMiB}M`);
    machine = await Machine.start({
      name: 'restore-volumes',
      boot: 'cdrom',
      cdrom: saved.medium,
      disks: [{ file: target, serial: 'TARGET01' }],
      memory: 768,
    });
    screen = serialConsole(machine);
  });

  afterAll(async () => {
    await machine?.close();
    await rm(work, { recursive: true, force: true });
  });

  /** Puts the disc in that the screen asks for, until it shows what was waited for. */
  async function feedUntil(pattern: RegExp, seconds: number): Promise<string> {
    for (;;) {
      const wanted = /Put in volume (\d+) of/;
      const shown = await screen.expect(new RegExp(`${pattern.source}|${wanted.source}`), seconds);
      const number = wanted.exec(shown)?.[1];
      if (number === undefined) return shown;
      await machine.monitor.command(`change cd "${saved.volumes[Number(number) - 1]}"`);
      await screen.expect(new RegExp(`^(?!(.|\\n)*Put in volume ${number} of)`), 90);
    }
  }

  it('[B3] boots from the first volume and asks for the last one', async () => {
    expect(saved.volumes.length).toBeGreaterThan(1);
    await screen.expect(new RegExp(`Put in volume ${saved.volumes.length} of ${saved.volumes.length}`), patience.boot);
    expect(await feedUntil(/Unlock the backup/, patience.boot)).toContain('ENCRYPTED');
  });

  it('[B11] opens by the passphrase only', async () => {
    await screen.type('1');
    await screen.expect(/Passphrase: _/, 30);
    await screen.type('wrong\n');
    await screen.expect(/RK320/, 120);
    await screen.type(passphrase);
    await screen.expect(/\*{22}_/, 30);
    await screen.type('\n');
    await screen.expect(/Restore this machine/, 120);
  });

  it('[B3] [A9] [C8] takes a second word for what is not verified yet, and restores with the discs put in in turn', async () => {
    await planOnto(screen, 'vda', /"vda unverified"/);
    await screen.type('vda unverified');
    await screen.expect(/start: vda unverified/, 30);
    await screen.type('\n');
    const shown = await feedUntil(/Restored\.|The restore stopped/, patience.restore);
    expect(shown).toContain('Restored.');
    await rebootThrough(screen, machine);
    await expectSame(saved.disk, target);
  });

  it('boots to its login prompt', async () => {
    await expectBoots({ name: 'boot-volumes', disks: [{ file: target, serial: 'TARGET01' }] });
  });
});
