import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
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

function failure(): RekindleError {
  try {
    readSet(medium, uuid);
  } catch (error) {
    if (error instanceof RekindleError) return error;
  }
  throw new Error('it did not fail as it should');
}

describe('the sets on a medium', () => {
  it('are directories named by a UUID, on any file system', () => {
    expect(listSets(medium)).toEqual([]);
    write(whole);
    mkdirSync(join(medium, 'rekindle/notes'));
    expect(listSets(medium)).toEqual([uuid]);
    expect(readSet(medium, uuid).rdBase.size).toBe(4096);
  });

  it('[A7] are described to people by machine and day', () => {
    write(whole);
    expect(describeSet(medium, uuid)).toBe(`${uuid} (machine web1, made 2026-11-24)`);
    write('{');
    expect(describeSet(medium, uuid)).toBe(`${uuid} (its set.json is damaged)`);
  });

  it('[F2] are refused with RK109 when one bit is flipped', () => {
    write(whole);
    const file = join(medium, 'rekindle', uuid, 'set.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('web1', 'web0'));
    expect(failure()).toMatchObject({ code: 'RK109', reason: expect.stringContaining('set.json.sha256') });
  });

  it('know which volume of a set they are', () => {
    write({ ...whole, volume: 2, volumes: 3, rdBase: undefined });
    expect(volumeOf(medium, uuid)).toMatchObject({ volume: 2, volumes: 3 });
    write('{');
    expect(volumeOf(medium, uuid)).toBeNull();
  });

  it.each([
    ['{"format":2', /set\.json: .*JSON/],
    [{ ...whole, set: uuid.replace('0198', '0199') }, /names set 0199/],
    [{ ...whole, rdBase: { ...whole.rdBase, path: '../../etc/shadow' } }, /leads out of the set/],
    [{ ...whole, rdBase: { ...whole.rdBase, sha256: 'short' } }, /sha256/],
    [{ ...whole, rdBase: undefined }, /rdBase/],
  ])('[A13] are refused with RK109 when damaged: %j', (set, reason) => {
    write(set);
    expect(failure().code).toBe('RK109');
    expect(failure().reason).toMatch(reason);
  });
});
