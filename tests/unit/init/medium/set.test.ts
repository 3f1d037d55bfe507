import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
import { run } from '../../../../common/run.ts';
import { describeSet, listSets, readSet, volumeOf } from '../../../../init/medium/set.ts';

const uuid = '0198b8a0-6f6e-4c7e-8d3e-3f1f7a0d5c11';
const whole = {
  format: 2,
  set: uuid,
  volume: 1,
  volumes: 1,
  createdAt: '2026-11-24T01:02:03.000Z',
  machine: { hostname: 'web1', os: 'Debian', kernel: '6.1' },
  rdBase: { path: 'rd-base.squashfs', size: 4096, sha256: 'ab'.repeat(32) },
};

let medium = '';
beforeEach(() => {
  medium = mkdtempSync(join(tmpdir(), 'medium-'));
});
afterEach(() => rmSync(medium, { recursive: true, force: true }));

function write(set: unknown, directory = uuid): void {
  mkdirSync(join(medium, 'rekindle', directory), { recursive: true });
  const text = typeof set === 'string' ? set : JSON.stringify(set);
  writeFileSync(join(medium, 'rekindle', directory, 'set.json'), text);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(medium, 'rekindle', directory, 'set.json.sha256'), `${digest}  set.json\n`);
}

async function failure(): Promise<RekindleError> {
  const error = await readSet(medium, uuid).catch((thrown: unknown) => thrown);
  if (error instanceof RekindleError) return error;
  throw new Error('it did not fail as it should');
}

describe('the sets on a medium', () => {
  it('are directories named by a UUID, on any file system', async () => {
    expect(await listSets(medium)).toEqual([]);
    write(whole);
    mkdirSync(join(medium, 'rekindle/notes'));
    expect(await listSets(medium)).toEqual([uuid]);
    expect((await readSet(medium, uuid)).rdBase.size).toBe(4096);
  });

  it('[A7] are described to people by machine and day', async () => {
    write(whole);
    expect(await describeSet(medium, uuid)).toBe(`${uuid} (machine web1, made 2026-11-24)`);
    write('{');
    expect(await describeSet(medium, uuid)).toBe(`${uuid} (its set.json is damaged)`);
  });

  it('[F2] are refused with RK109 when one bit is flipped', async () => {
    write(whole);
    const file = join(medium, 'rekindle', uuid, 'set.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('web1', 'web0'));
    expect(await failure()).toMatchObject({ code: 'RK109', reason: expect.stringContaining('set.json.sha256') });
  });

  it('know which volume of a set they are', async () => {
    write({ ...whole, volume: 2, volumes: 3, rdBase: undefined });
    expect(await volumeOf(medium, uuid)).toMatchObject({ volume: 2, volumes: 3 });
    write('{');
    expect(await volumeOf(medium, uuid)).toBeNull();
  });

  it.each([
    ['{"format":2', /set\.json: .*JSON/],
    [{ ...whole, set: uuid.replace('0198', '0199') }, /names set 0199/],
    [{ ...whole, rdBase: { ...whole.rdBase, path: '../../etc/shadow' } }, /no plain name/],
    [{ ...whole, rdBase: { ...whole.rdBase, sha256: 'short' } }, /sha256/],
    [{ ...whole, rdBase: undefined }, /rdBase/],
    [{ ...whole, rdBase: { ...whole.rdBase, size: 2 ** 60 } }, /size/],
  ])('[A13] are refused with RK109 when damaged: %j', async (set, reason) => {
    write(set);
    expect(await failure()).toMatchObject({ code: 'RK109', reason: expect.stringMatching(reason) });
  });

  it.each(['/dev/zero', '..', '.', '', 'a/../b', 'archives/x', 'a\u0000b', '\u001b[2J', '-x', 'x'.repeat(200)])(
    '[A7] name rd-base plainly, never %j',
    async (path) => {
      write({ ...whole, rdBase: { ...whole.rdBase, path } });
      expect(await failure()).toMatchObject({ code: 'RK109', reason: expect.stringContaining('rdBase.path') });
    },
  );

  it("[A7] that others made move nobody's cursor: names and messages are shown as letters", async () => {
    write({ ...whole, createdAt: '\u001b]0;x\u0007', machine: { hostname: `x\u001b[2J\u202e${'y'.repeat(1000)}` } });
    const shown = await describeSet(medium, uuid);
    expect(shown).toMatch(/machine x\\x1b\[2J\\u202ey+, made \\x1b\]0;x\\x07\)$/);
    expect(shown.length).toBeLessThan(200);
    write('{"\u001b[2J": \u001b}');
    expect((await failure()).reason).not.toMatch(/\p{Cc}/u);
  });

  it.each(['set.json', 'set.json.sha256'])(
    '[A7] whose %s is anything but a small file are damaged, at once',
    async (name) => {
      const file = join(medium, 'rekindle', uuid, name);
      const odd = [
        ['mkfifo', file],
        ['mknod', file, 'c', '1', '5'],
        ['ln', '-s', '/dev/zero', file],
        ['truncate', '-s', '1900M', file],
        ['mkdir', file],
      ] as const;
      for (const make of odd) {
        write(whole);
        rmSync(file);
        await run([...make]);
        expect(await failure()).toMatchObject({ code: 'RK109', reason: expect.stringContaining(file) });
        expect(await describeSet(medium, uuid)).toContain('damaged');
        if (name === 'set.json') expect(await volumeOf(medium, uuid)).toBeNull();
        rmSync(file, { recursive: true });
      }
    },
  );

  it('are folders: what is a link or a file of that name is none', async () => {
    write(whole);
    renameSync(join(medium, 'rekindle'), join(medium, 'elsewhere'));
    symlinkSync(join(medium, 'elsewhere'), join(medium, 'rekindle'));
    expect(await listSets(medium)).toEqual([]);
    rmSync(join(medium, 'rekindle'));
    mkdirSync(join(medium, 'rekindle'));
    symlinkSync(join(medium, 'elsewhere', uuid), join(medium, 'rekindle', uuid));
    writeFileSync(join(medium, 'rekindle', uuid.replace('0198', '0199')), '');
    expect(await listSets(medium)).toEqual([]);
  });
});
