import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { makeSmallSet } from '../../fixtures/small-set.ts';

const root = join(import.meta.dirname, '../../..');
let work = '';
let directory = '';
const at = (name: string): string => join(work, name);

function rekindle(...args: string[]) {
  const node = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), ...args];
  const done = spawnSync(process.execPath, node, { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'trusted-key-'));
  for (const name of ['ours', 'others'])
    await run(['minisign', '-G', '-W', '-p', at(`${name}.pub`), '-s', at(`${name}.key`)]);
  mkdirSync(at('small'));
  await run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', at('small')]);
  mkdirSync(at('source'));
  writeFileSync(at('source/file'), 'content');
  directory = (await makeSmallSet({ work, trees: [{ source: at('source'), mountPoint: '/', node: 'n' }] })).directory(
    1,
  );
  // The real tool signs what lies on the medium.
  await run(['minisign', '-S', '-s', at('ours.key'), '-m', join(directory, 'manifest.json')]);
});
afterAll(async () => {
  await run(['umount', at('small')]);
  rmSync(work, { recursive: true, force: true });
});

describe('[B11] --trusted-key', () => {
  it('verify says by which of the keys a set is signed, under both names of the flag', () => {
    const keyId = /public key (\w+)/.exec(readFileSync(at('ours.pub'), 'utf8'))?.[1] ?? '';
    const several = rekindle('verify', directory, '--trusted-key', at('others.pub'), '--trusted-key', at('ours.pub'));
    expect(several).toMatchObject({ code: 0 });
    expect(several.out).toContain(`Signature: good, by key ${keyId}`);
    expect(rekindle('verify', directory, '--public-key', at('ours.pub')).code).toBe(0);
    const other = rekindle('verify', directory, '--public-key', at('others.pub'));
    expect(other.code).toBe(3);
    expect(other.out).toContain(`BAD: it is signed by key ${keyId}`);
    expect(other.out.match(/^Next: .*/gm)).toEqual([expect.stringContaining('key')]);
  });

  it('list and extract refuse what none of the keys signed, and take what one did', () => {
    const refused = rekindle('list', directory, '--trusted-key', at('others.pub'));
    expect(refused).toMatchObject({ code: 7, out: '' });
    expect(refused.err).toContain('RK361');
    expect(rekindle('list', directory, '--trusted-key', at('ours.pub')).code).toBe(0);
    const missing = rekindle(
      'extract',
      directory,
      '--path',
      '/file',
      '--to',
      at('out'),
      '--trusted-key',
      at('none.pub'),
    );
    expect(missing.err).toMatch(/none\.pub: no such file.*RK498/s);
    expect(missing.code).toBe(5);
  });
});

describe('[B11] create with --trusted-key', () => {
  /** Whose destination is too small, which is found later: nothing is ever made. */
  const create = (...args: string[]) => {
    writeFileSync(at('config.toml'), '');
    return rekindle('create', '--to', `iso:${at('small')}/x.iso`, '--config', at('config.toml'), ...args);
  };

  it('is refused as wrong usage where nothing signs, or another key', () => {
    const keyId = /public key (\w+)/.exec(readFileSync(at('ours.pub'), 'utf8'))?.[1] ?? '';
    const unsigned = create('--trusted-key', at('ours.pub'));
    expect(unsigned).toMatchObject({ code: 2, out: '' });
    expect(unsigned.err).toMatch(/no --signing-key is given; trusted: key .*RK364/s);
    expect(unsigned.err).toContain(keyId);
    const other = create('--trusted-key', at('ours.pub'), '--signing-key', at('others.key'));
    expect(other).toMatchObject({ code: 2, out: '' });
    expect(other.err).toMatch(/others\.key is key .*RK364/s);
  });

  it('is refused where only the id of the key is the same', () => {
    const [comment = '', line = ''] = readFileSync(at('ours.pub'), 'utf8').split('\n');
    const bytes = Buffer.from(line, 'base64');
    bytes.writeUInt8(bytes.readUInt8(41) ^ 1, 41);
    writeFileSync(at('twin.pub'), `${comment}\n${bytes.toString('base64')}\n`);
    const twin = create('--trusted-key', at('twin.pub'), '--signing-key', at('ours.key'));
    expect(twin.code).toBe(2);
    expect(twin.err).toContain('RK364');
  });

  it('is refused where the settings name the keys', () => {
    const settings = (text: string) => {
      writeFileSync(at('settings.toml'), text);
      return rekindle('create', '--to', `iso:${at('small')}/x.iso`, '--config', at('settings.toml'));
    };
    const unsigned = settings(`trusted-keys = ["${at('ours.pub')}"]`);
    expect(unsigned).toMatchObject({ code: 2, err: expect.stringContaining('RK364') });
    const both = `signing-key = "${at('others.key')}"\ntrusted-keys = ["${at('ours.pub')}"]`;
    expect(settings(both)).toMatchObject({ code: 2, err: expect.stringContaining('RK364') });
    const good = `signing-key = "${at('ours.key')}"\ntrusted-keys = ["${at('ours.pub')}"]`;
    expect(settings(good)).toMatchObject({ code: 3, err: expect.stringContaining('RK205') });
  });

  it.each([
    ['the key that signs is one of several', ['ours.pub', 'others.pub'], 'ours.key', []],
    ['only a signing key is named', [], 'ours.key', []],
    ['the medium has no backup', ['others.pub'], null, ['--rescue-only']],
  ] as const)('goes on where %s', (_what, trusted, signing, more) => {
    const keys = trusted.flatMap((name) => ['--trusted-key', at(name)]);
    const done = create(...keys, ...(signing ? ['--signing-key', at(signing)] : []), ...more);
    // What is looked at next: the machine, and the space.
    expect(done.err).toContain(at('small'));
    expect(done).toMatchObject({ code: 3, err: expect.stringContaining('RK205') });
  });
});
