import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../common/run.ts';
import type { Proof } from '../../restore/proof/proof-schema.ts';
import { proveSubject } from '../../restore/proof/prove.ts';
import type { Subject } from '../../restore/proof/subject.ts';
import { DebianSystem } from '../fixtures/debian-system.ts';
import { shapes } from '../vm/sources/shapes.ts';
import { edit, nobody } from './break-debian.ts';
import { sabotages } from './proof-sabotages.ts';

let system: DebianSystem | null = null;
afterEach(async () => {
  await system?.close();
  system = null;
});

function failed(proofs: readonly Proof[]): string[] {
  return proofs.filter(({ result }) => result === 'fail').map(({ id }) => id);
}

describe('[C11] a Debian that boots', () => {
  it.each([
    ['BIOS, MBR, separate /boot', shapes.mbr],
    ['UEFI, GPT', shapes.uefi],
    ['BIOS, GPT', shapes.biosGpt],
  ])('is proven: %s', async (_, shape) => {
    system = await DebianSystem.open(shape);
    const proofs = await proveSubject(system.subject);
    expect(proofs.filter(({ result }) => result !== 'pass')).toEqual([]);
    expect(proofs.length).toBeGreaterThan(12);
  });

  it('is not proven for a machine that starts in another way', async () => {
    system = await DebianSystem.open(shapes.mbr);
    const proofs = await proveSubject({ ...system.subject, firmware: 'uefi' });
    expect(failed(proofs)).toEqual(['firmware', 'efi-loader']);
  });
});

describe('[C11] sabotage is found, by the check that it concerns and by no other', () => {
  it.each(Object.entries(sabotages))('%s', async (_, { shape = shapes.mbr, act, found, words }) => {
    system = await DebianSystem.open(shape);
    const changed = await act(system);
    const subject =
      changed !== null && typeof changed === 'object' && 'devices' in changed ? (changed as Subject) : system.subject;
    const proofs = await proveSubject(subject);
    expect(failed(proofs).toSorted()).toEqual(found.toSorted());
    expect(
      proofs
        .filter(({ result }) => result === 'fail')
        .map(({ detail }) => detail)
        .join('\n'),
    ).toMatch(words);
    for (const { result, hint } of proofs) expect(hint === null).toBe(result === 'pass');
  });

  it('an id that only another disk of this machine has does not count', async () => {
    system = await DebianSystem.open(shapes.mbr);
    const other = system.path('../other.img');
    await run(['truncate', '-s', '8M', other]);
    await run(['mke2fs', '-q', '-U', nobody, other]);
    const loop = (await run(['losetup', '--show', '-f', other])).stdout.trim();
    try {
      expect((await run(['blkid', '-p', '-s', 'UUID', '-o', 'value', loop])).stdout.trim()).toBe(nobody);
      await edit(system, 'etc/fstab', (text) => `${text}UUID=${nobody} /srv ext2 defaults 0 2\n`);
      expect(failed(await proveSubject(system.subject))).toEqual(['fstab']);
    } finally {
      await run(['losetup', '-d', loop]);
    }
  });

  it.each([
    ['fstab', 'etc/fstab', '/dev/disk/by-id/ata-GONE_Z3T0000A-part1 /srv ext4 defaults 0 2\n'],
    ['mdadm', 'etc/mdadm/mdadm.conf', 'ARRAY /dev/md0 metadata=1.2 UUID=99999999:99999999:99999999:99999999\n'],
  ])('what cannot be known is no pass and no failure: %s', async (id, path, line) => {
    system = await DebianSystem.open(shapes.mbr);
    const file = system.path(path);
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, line);
    const proofs = await proveSubject(system.subject);
    expect(proofs.filter(({ result }) => result !== 'pass')).toMatchObject([{ id, result: 'cannot-tell' }]);
  });

  it('what is missing and may be missing is only noted', async () => {
    system = await DebianSystem.open(shapes.mbr);
    await edit(
      system,
      'etc/fstab',
      (text) => `${text}UUID=${nobody} /srv ext4 nofail 0 2\n/dev/sr0 /media udf,iso9660 user,noauto 0 0\n`,
    );
    await mkdir(system.path('media'), { recursive: true });
    const proofs = await proveSubject(system.subject);
    expect(failed(proofs)).toEqual([]);
    expect(proofs.find(({ id }) => id === 'fstab')?.detail).toContain(`UUID=${nobody} for /srv is on none`);
  });
});
