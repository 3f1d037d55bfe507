import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdentityFile } from '../../../restore/archive/age/identity-file.ts';
import { parseRecipients, passphraseRecipients } from '../../../restore/archive/age/recipients.ts';
import { makeSmallSet, type SmallSet } from '../../fixtures/small-set.ts';

const root = join(import.meta.dirname, '../../..');
let work = '';
let keyed: SmallSet;
let phrased: SmallSet;

/** Without a terminal, in a session of its own, as from cron. */
function rekindle(args: readonly string[], passphrase?: string): { code: number | null; out: string; err: string } {
  const words = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), ...args];
  const done = spawnSync('setsid', ['--wait', process.execPath, ...words], {
    encoding: 'utf8',
    ...(passphrase === undefined ? {} : { input: `${passphrase}\n` }),
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const key = (name: string): string => join(work, `${name}.key`);

/** A copy with one byte of some files changed, in what says who can open them. */
function withOtherHeader(set: SmallSet, name: string, files: readonly string[]): string {
  const copy = join(work, name);
  cpSync(set.directory(1), copy, { recursive: true });
  for (const path of files) {
    const bytes = readFileSync(join(copy, path));
    // Within the first stanza's body, which is in base64.
    const at = bytes.indexOf('\n', bytes.indexOf('-> ')) + 5;
    bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
    writeFileSync(join(copy, path), bytes);
  }
  return copy;
}

const indexes = (set: SmallSet): string[] => set.archives.map(({ index }) => index.path);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'closed-'));
  for (const name of ['root', 'home', 'keyed', 'phrased']) mkdirSync(join(work, name));
  for (const name of ['right', 'other']) execFileSync('age-keygen', ['-o', key(name)], { stdio: 'ignore' });
  writeFileSync(join(work, 'root/file'), 'content');
  execFileSync(
    'sh',
    ['-ec', 'head -c 300000 /dev/urandom > root/large; echo letter > home/letter; mkdir root/home; chmod 711 home'],
    { cwd: work },
  );
  const trees = [
    { source: join(work, 'root'), mountPoint: '/', node: 'disk0:1' },
    { source: join(work, 'home'), mountPoint: '/home', node: 'disk0:2' },
  ];
  const publicKey = execFileSync('age-keygen', ['-y', key('right')], { encoding: 'utf8' }).trim();
  const recipients = await parseRecipients(publicKey, 'the key');
  keyed = await makeSmallSet({ work: join(work, 'keyed'), trees, recipients });
  const own = await createIdentityFile(passphraseRecipients('correct horse', 10));
  const locked = { recipients: own.recipients, keyFile: own.file };
  phrased = await makeSmallSet({ work: join(work, 'phrased'), trees, ...locked });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a set that the key at hand does not open', () => {
  it('is not called damaged by verify: wrong key, exit 6', () => {
    const wrong = rekindle(['verify', keyed.directory(1), '--identity', key('other')]);
    expect(wrong).toMatchObject({ code: 6, out: '', err: expect.stringContaining('RK321') });
    const phrase = rekindle(['verify', phrased.directory(1), '--passphrase-fd', '0'], 'wrong');
    expect(phrase).toMatchObject({ code: 6, out: '', err: expect.stringContaining('RK320') });
    for (const { err } of [wrong, phrase]) expect(err).not.toMatch(/damage|new medium/i);
    expect(rekindle(['list', keyed.directory(1), '--identity', key('other')]).code).toBe(6);
  });

  it('is checked without a key and without a terminal, and what was not checked is said', () => {
    for (const set of [keyed, phrased]) {
      const { code, out, err } = rekindle(['verify', set.directory(1)]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/NOT checked: what the archives unpack to/);
      expect(out).toMatch(/is intact: every byte is as it was written/);
      expect(JSON.parse(rekindle(['verify', set.directory(1), '--json']).out)).toMatchObject({ onlyCiphertext: true });
    }
    const damaged = withOtherHeader(keyed, 'one-part', [keyed.archives[0]?.parts[0]?.path ?? '']);
    const { code, out } = rekindle(['verify', damaged]);
    expect(code).toBe(3);
    expect(out).toMatch(/^DAMAGED .*001-root\.tar\.zst\.age: its content changed/m);
    expect(out).not.toContain('What is not named above can be restored');
  });

  it('says what is in clear, and asks for a key only for the rest (RK315)', () => {
    expect(rekindle(['list', keyed.directory(1)])).toMatchObject({
      code: 0,
      out: expect.stringContaining('web01, Debian 12'),
    });
    const { code, err } = rekindle(['list', keyed.directory(1), '--path', '/']);
    expect({ code, err }).toEqual({ code: 6, err: expect.stringMatching(/--identity FILE.*RK315/s) });
  });
});

describe('what was mounted over a folder', () => {
  it('is listed and counted once, as it was to be seen', () => {
    const words = [keyed.directory(1), '--identity', key('right'), '--path', '/'];
    const { out } = rekindle(['list', ...words]);
    expect(out.match(/^.* \/home\/$/gm)).toEqual([expect.stringMatching(/^d 0711 /)]);
    const extracted = rekindle(['extract', ...words, '--to', join(work, 'extracted')]);
    expect(extracted.out).toMatch(new RegExp(`^${out.trim().split('\n').length} files below`));
    expect(statSync(join(work, 'extracted/home')).mode & 0o777).toBe(0o711);
  });
});

describe('a set that is damaged where it says who can open it', () => {
  it('is damaged for the right key, and closed for a wrong one as long as anything can tell', () => {
    const [first = '', second = ''] = indexes(keyed);
    for (const files of [[first], [second], [keyed.archives[0]?.parts[0]?.path ?? '']]) {
      const copy = withOtherHeader(keyed, `header-${files[0]?.replaceAll('/', '-')}`, files);
      const right = rekindle(['verify', copy, '--identity', key('right')]);
      expect(right.code, right.err).toBe(3);
      expect(right.out).toContain(`${files[0]}: `);
      expect(right.out.match(/^DAMAGED/gm)).toHaveLength(1);
      expect(rekindle(['verify', copy, '--identity', key('other')])).toMatchObject({ code: 6, out: '' });
    }
  });

  it('is damaged where nothing is left to try a key on', () => {
    const copy = withOtherHeader(keyed, 'all-indexes', indexes(keyed));
    for (const name of ['right', 'other']) {
      const { code, out } = rekindle(['verify', copy, '--identity', key(name)]);
      expect({ code, lines: out.match(/^DAMAGED.*idx\.age: its content changed/gm) }).toMatchObject({
        code: 3,
        lines: [expect.any(String), expect.any(String)],
      });
      expect(out).toContain('The menu restores nothing of this one');
    }
  });

  it('does not call the right passphrase wrong when the key that it opens is damaged (RK322)', () => {
    const copy = withOtherHeader(phrased, 'key-file', ['key.age']);
    const listed = rekindle(['list', copy, '--path', '/', '--passphrase-fd', '0'], 'correct horse');
    expect(listed).toMatchObject({ code: 3, err: expect.stringMatching(/key\.age.*RK322/s) });
    const { code, out } = rekindle(['verify', copy, '--passphrase-fd', '0'], 'correct horse');
    expect(code).toBe(3);
    expect(out).toMatch(/^DAMAGED .*key\.age: its content changed/m);
    expect(out).toContain('no passphrase opens the set');
  });
});

describe('a file of a set that is none', () => {
  it('is said to be no regular file, not to be missing (RK305)', () => {
    const copy = join(work, 'fifo');
    cpSync(keyed.directory(1), copy, { recursive: true });
    const index = join(copy, indexes(keyed)[0] ?? '');
    rmSync(index);
    execFileSync('mkfifo', [index]);
    const { code, err } = rekindle(['verify', copy]);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringMatching(/is no regular file.*RK305/s) });
    rmSync(index);
    expect(rekindle(['verify', copy]).err).toMatch(/is not there/);
  });

  it('is read through links of the words that were typed', () => {
    const way = join(work, 'way');
    execFileSync('ln', ['-s', join(work, 'keyed'), way]);
    execFileSync('ln', ['-s', keyed.directory(1), join(work, 'itself')]);
    for (const path of [join(way, 'volume-1'), join(way, 'volume-1/rekindle'), join(work, 'itself')])
      expect(rekindle(['verify', path, '--identity', key('right')])).toMatchObject({ code: 0 });
  });
});

describe('words that lead to no set', () => {
  it('get advice that fits', () => {
    expect(rekindle(['verify', join(work, 'nowhere')])).toMatchObject({
      code: 5,
      err: expect.stringMatching(/nowhere: no such file.*spelled right.*RK498/s),
    });
    expect(rekindle(['list', join(work, 'home')])).toMatchObject({
      code: 5,
      err: expect.stringMatching(/holds no Rekindle set.*Name a medium.*RK302/s),
    });
    expect(rekindle(['extract', keyed.directory(1), '--to', join(work, 'out')])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--path <path>.*RK005/s),
    });
  });
});
