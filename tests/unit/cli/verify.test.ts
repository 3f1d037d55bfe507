import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdentityFile } from '../../../restore/archive/age/identity-file.ts';
import { passphraseRecipients } from '../../../restore/archive/age/recipients.ts';
import { makeSetsToLookInto, rekindle, type SetsToLookInto } from '../../fixtures/sets-to-look-into.ts';
import { makeSmallSet, type SmallSet } from '../../fixtures/small-set.ts';

let sets: SetsToLookInto;
let work = '';
let plain: SmallSet;
let locked: SmallSet;
let iso = '';
let damagedSet = '';
beforeAll(async () => {
  sets = await makeSetsToLookInto();
  ({ work, plain, locked, iso } = sets);
});
afterAll(() => sets.remove());

describe('rekindle verify', () => {
  it('[C8] says that a set is intact, and exits 0', () => {
    for (const words of [[], ['--content']])
      expect(rekindle(['verify', iso, ...words])).toMatchObject({ code: 0, out: expect.stringContaining('intact') });
  });

  it('[C15] lists the lost files by name, and exits 3', () => {
    damagedSet = changedCopy(plain.directory(1), plain.archives[0]?.parts[0]?.path ?? '');
    const { code, out } = rekindle(['verify', damagedSet]);
    expect(code).toBe(3);
    expect(out).toMatch(/DAMAGED .*001-root\.tar\.zst: frame/);
    expect(out).toMatch(/^LOST +\/big$/m);
    expect(out).toContain('NOT good');
    expect(out.match(/^Next: .*/gm)).toEqual([expect.stringContaining('another copy')]);
  });

  it('[C15] what is sound of a damaged set comes out, the lost files are named', () => {
    const to = join(work, 'sound');
    const args = ['extract', damagedSet, '--path', '/', '--to'];
    const half = rekindle([...args, join(work, 'half')]);
    expect(half).toMatchObject({ code: 3, err: expect.stringMatching(/Next: .*--skip-damaged +\[RK308\]/) });
    const { code, out } = rekindle([...args, to, '--skip-damaged']);
    expect(code).toBe(3);
    expect(out).toMatch(/^LOST +\/big$/m);
    expect(out.match(/^LOST/gm)).toHaveLength(1);
    expect(readFileSync(join(to, 'etc/hosts'), 'utf8')).toBe('127.0.0.1\n');
    expect(readFileSync(join(to, 'home/anna/letter'), 'utf8')).toBe('letter\n');
    expect(() => statSync(join(to, 'big'))).toThrow();
    const only = rekindle(['extract', damagedSet, '--path', '/big', '--to', to, '--skip-damaged']);
    expect(only).toMatchObject({ code: 3, out: expect.stringMatching(/^LOST +\/big\n0 files below .*, 1 lost$/m) });
  });

  it('[B11] checks an encrypted set as far as it can without the key, and names the volumes that are not here', () => {
    const volumes = Array.from({ length: locked.volumes }, (_, index) => locked.directory(index + 1));
    const whole = rekindle(['verify', ...volumes, '--passphrase-fd', '3', '--json'], { passphrase: 'correct horse' });
    expect(JSON.parse(whole.out)).toMatchObject({ ok: true, onlyCiphertext: false, missingVolumes: [] });
    const part = rekindle(['verify', ...volumes.slice(1), '--passphrase-fd', '3', '--json'], {
      passphrase: 'correct horse',
    });
    expect(part.code).toBe(3);
    expect(JSON.parse(part.out)).toMatchObject({ ok: false, missingVolumes: [1] });
    const wrong = rekindle(['verify', ...volumes, '--passphrase-fd', '3'], { passphrase: 'wrong' });
    expect(wrong).toMatchObject({ code: 6, out: '', err: expect.stringContaining('RK320') });
    expect(rekindle(['verify', ...volumes.slice(0, 1)])).toMatchObject({
      code: 5,
      err: expect.stringContaining('RK313'),
    });
    expect(rekindle(['verify', iso, volumes.at(-1) ?? ''])).toMatchObject({
      code: 5,
      err: expect.stringContaining('RK312'),
    });
  });

  it('[B11] without a key checks what lies there, as a backup server does, and says what it did not check', () => {
    const volumes = Array.from({ length: locked.volumes }, (_, index) => locked.directory(index + 1));
    const sound = rekindle(['verify', ...volumes]);
    expect(sound).toMatchObject({
      code: 0,
      out: expect.stringMatching(/NOT checked: .*--identity.*intact/s),
    });
    expect(JSON.parse(rekindle(['verify', ...volumes, '--json']).out)).toMatchObject({
      ok: true,
      onlyCiphertext: true,
    });
    const [part] = locked.archives[0]?.parts ?? [];
    const changed = changedCopy(locked.directory(part?.volume ?? 1), part?.path ?? '');
    const others = volumes.filter((directory) => directory !== locked.directory(part?.volume ?? 1));
    const damaged = rekindle(['verify', changed, ...others]);
    expect(damaged).toMatchObject({ code: 3, out: expect.stringMatching(/DAMAGED .*SHA-256.*NOT checked: /s) });
  });

  it('[B11] a summary needs no key', () => {
    const { code, out, err } = rekindle(['list', locked.directory(locked.volumes)]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/encrypted\n.*\/home /s);
  });
});

describe('the key of a set', () => {
  it('that is damaged is called damaged: no passphrase is right any more', async () => {
    const set = await keyedSet();
    const sound = rekindle(['verify', set, '--passphrase-fd', '3'], { passphrase: 'battery staple' });
    expect(sound).toMatchObject({ code: 0, out: expect.not.stringContaining('NOT checked') });
    expect(rekindle(['verify', set, '--passphrase-fd', '3'], { passphrase: 'wrong' })).toMatchObject({ code: 6 });
    const changed = changedCopy(set, 'key.age');
    const given = rekindle(['verify', changed, '--passphrase-fd', '3'], { passphrase: 'battery staple' });
    expect(given).toMatchObject({ code: 3, out: expect.stringMatching(/DAMAGED .*key\.age: /) });
    expect(rekindle(['verify', changed])).toMatchObject({ code: 3, out: expect.stringMatching(/DAMAGED .*key\.age/) });
  });
});

async function keyedSet(): Promise<string> {
  const folder = join(work, 'keyed');
  mkdirSync(folder);
  const key = await createIdentityFile(passphraseRecipients('battery staple', 10));
  const trees = [{ source: join(work, 'home'), mountPoint: '/', node: 'disk0:1' }];
  const set = await makeSmallSet({ work: folder, trees, recipients: key.recipients, keyFile: key.file });
  return set.directory(1);
}

let copies = 0;
/** A copy of a volume in which one bit of one file is another, in its middle. */
function changedCopy(volume: string, path: string): string {
  copies += 1;
  const copy = join(work, `changed-${copies}`);
  execFileSync('cp', ['-r', volume, copy]);
  const file = join(copy, path);
  const bytes = readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  return copy;
}
