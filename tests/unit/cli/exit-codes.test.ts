import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeRows, exitCodes, exitCodesInWords, exitMeanings } from '../../../cli/exit-codes.ts';
import { exitCodeOf } from '../../../cli/exit-of-error.ts';
import { catalogue, type ErrorCode } from '../../../common/errors/catalogue.ts';
import { run } from '../../../common/run.ts';
import { passphraseRecipients } from '../../../restore/archive/age/recipients.ts';
import { makeSmallSet } from '../../fixtures/small-set.ts';

const root = join(import.meta.dirname, '../../..');
let work = '';
const at = (name: string): string => join(work, name);

function rekindle(args: readonly string[], { passphrase = '', uid = 0 } = {}) {
  writeFileSync(at('secret'), `${passphrase}\n`);
  const fd = openSync(at('secret'), 'r');
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), ...args];
  const as = uid === 0 ? [] : ['setpriv', '--reuid', String(uid), '--clear-groups'];
  const [file = '', ...words] = [...as, ...node];
  const done = spawnSync(file, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', fd] });
  closeSync(fd);
  return { code: done.status, out: done.stdout, err: done.stderr };
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'exit-codes-'));
  mkdirSync(at('source'));
  writeFileSync(at('source/file'), 'content');
  const trees = [{ source: at('source'), mountPoint: '/', node: 'disk0:1' }];
  for (const name of ['plain', 'locked']) mkdirSync(at(name));
  const plain = await makeSmallSet({ work: at('plain'), trees });
  const recipients = passphraseRecipients('correct horse', 10);
  const locked = await makeSmallSet({ work: at('locked'), trees, recipients });
  cpSync(plain.directory(1), at('set'), { recursive: true });
  cpSync(locked.directory(1), at('locked-set'), { recursive: true });
  for (const [name, broken] of [
    ['damaged', 'rd-base.squashfs'],
    ['no-manifest', 'manifest.json'],
  ] as const) {
    cpSync(at('set'), at(name), { recursive: true });
    const bytes = readFileSync(join(at(name), broken));
    bytes[7] = (bytes[7] ?? 0) ^ 1;
    writeFileSync(join(at(name), broken), bytes);
  }
  cpSync(at('set'), at('incomplete'), { recursive: true });
  rmSync(at('incomplete/manifest.json'));
  cpSync(at('set'), at('private'), { recursive: true });
  chmodSync(at('private/manifest.json'), 0o600);
  chmodSync(work, 0o755);
  mkdirSync(at('empty'));
  writeFileSync(at('no-key'), 'neither a key nor anything\n');
  await run(['minisign', '-G', '-W', '-p', at('signer.pub'), '-s', at('signer.key')]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Case = [string, string[], keyof typeof exitCodes, RegExp];

describe('[G5] the exit code says why', () => {
  const cases: Case[] = [
    ['a set that can be read', ['list', 'SET'], 'ok', /^$/],
    ['--help', ['verify', '--help'], 'ok', /^$/],
    ['a path that the set lacks', ['list', 'SET', '--path', '/none'], 'failed', /RK317/],
    ['one path of two', ['list', 'SET', '--path', '/file', '--path', '/fil'], 'failed', /Why: +\/fil\n.*RK317/s],
    ['no command of ours', ['burn'], 'usage', /unknown command.*See "rekindle --help".*RK005/s],
    ['an unknown option', ['list', 'SET', '--nonsense'], 'usage', /unknown option.*"rekindle list --help".*RK005/s],
    ['a missing argument', ['verify'], 'usage', /missing required argument.*RK005/s],
    [
      'options that exclude each other',
      ['plan', 'SET', '--json', '--script'],
      'usage',
      /"rekindle plan --help".*RK005/,
    ],
    ['one byte that changed', ['verify', 'DAMAGED'], 'problems', /^$/],
    ['a manifest that changed', ['list', 'NO-MANIFEST'], 'problems', /RK303/],
    ['a file of the set that is gone', ['list', 'INCOMPLETE'], 'problems', /RK305/],
    ['a path that does not exist', ['list', 'NOWHERE'], 'cannotOpen', /no such file.*RK498/s],
    ['a folder without a set', ['list', 'EMPTY'], 'cannotOpen', /RK302/],
    [
      'another set than is there',
      ['list', 'SET', '--set', '99999999-2222-4333-8444-555555555555'],
      'cannotOpen',
      /RK302/,
    ],
    ['a wrong passphrase', ['verify', 'LOCKED-SET', '--passphrase-fd', '3'], 'wrongKey', /RK320/],
    ['no passphrase, and no terminal', ['list', 'LOCKED-SET', '--path', '/etc'], 'wrongKey', /RK329/],
    ['a key file that is none', ['list', 'LOCKED-SET', '--identity', 'NO-KEY'], 'wrongKey', /RK328/],
    ['a public key that is not there', ['list', 'SET', '--trusted-key', 'NOWHERE'], 'cannotOpen', /RK498/],
    ['settings that are not there', ['create', '--config', 'NOWHERE'], 'cannotOpen', /nowhere.*RK498/s],
    ['a public key that is none', ['list', 'SET', '--trusted-key', 'NO-KEY'], 'wrongKey', /RK333/],
    ['no signature of a trusted key', ['list', 'SET', '--trusted-key', 'SIGNER.PUB'], 'refused', /RK360/],
  ];
  it.each(cases)('%s', (_, words, name, err) => {
    const args = words.map((word) => (/^[A-Z.-]+$/.test(word) ? at(word.toLowerCase()) : word));
    const done = rekindle(args, { passphrase: 'wrong' });
    expect({ code: done.code, err: done.err }).toEqual({ code: exitCodes[name], err: expect.stringMatching(err) });
    expect(done.err).not.toMatch(/RK001|bug/);
  });

  it('a file that may not be read is not called damaged', () => {
    const done = rekindle(['list', at('private')], { uid: 65534 });
    expect(done.err).toMatch(/permission denied.*RK498/s);
    expect(done).toMatchObject({ code: exitCodes.cannotOpen, err: expect.not.stringMatching(/damaged/) });
    writeFileSync(at('private.iso'), 'not for everybody', { mode: 0o600 });
    expect(rekindle(['list', at('private.iso')], { uid: 65534 })).toMatchObject({
      code: exitCodes.cannotOpen,
      err: expect.stringMatching(/private\.iso: permission denied.*RK498/s),
    });
    const verified = rekindle(['verify', at('private')], { uid: 65534 });
    expect(verified).toMatchObject({ code: exitCodes.cannotOpen, out: '' });
  });
});

describe('[G5] a bad value of an option is wrong usage before anything is opened or begun', () => {
  it.each([
    [['verify', 'NOWHERE', '--passphrase-fd', 'three']],
    [['list', 'NOWHERE', '--passphrase-fd', '-1']],
    [['list', 'NOWHERE', '--set', '../other']],
    [['plan', 'NOWHERE', '--set', 'newest']],
    [['plan', 'NOWHERE', '--target', '/dev/sda']],
    [['plan', 'NOWHERE', '--only', 'everything']],
    [['plan', 'NOWHERE', '--file-system', '/home']],
    [['prove', '--root', 'NOWHERE', '--firmware', 'coreboot']],
    [['check', '--to', 'somewhere']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--volume-size', '5M']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--volume-size', 'large']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--keep', 'all']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--level', 'partly']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--signing-password-fd', '']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--recipient', 'age1x', '--passphrase']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--rescue-only', '--level', 'incremental']],
    [['create', '--to', 'iso:NOWHERE/x.iso', '--to', 'iso:NOWHERE/y.iso']],
  ])('%j', (words) => {
    const done = rekindle(words.map((word) => word.replace('NOWHERE', at('nowhere'))));
    expect({ code: done.code, out: done.out, err: done.err }).toEqual({
      code: exitCodes.usage,
      out: '',
      err: expect.not.stringMatching(/RK498|RK201|RK002/),
    });
  });
});

describe('[G5] the table of exit codes', () => {
  it('gives each error one that the manual explains', () => {
    const known = Object.values(exitCodes);
    for (const code of Object.keys(catalogue) as ErrorCode[]) {
      expect(known, code).toContain(exitCodeOf(code));
      expect(exitCodeOf(code), code).not.toBe(exitCodes.ok);
    }
    expect(exitCodeOf('RK006')).toBe(exitCodes.interrupted);
    expect(exitCodeOf('RK207')).toBe(exitCodes.refused);
    expect(exitCodeOf('RK001')).toBe(exitCodes.failed);
  });

  it('keeps its numbers, and is the same in the manual and the help', () => {
    expect(exitCodes).toMatchObject({ ok: 0, failed: 1, usage: 2, problems: 3, unknown: 4 });
    const numbers = Object.values(exitCodes);
    expect(new Set(numbers).size).toBe(numbers.length);
    const page = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| \d+ \| /.test(line));
    expect(rows).toEqual(exitCodeRows());
    expect(rekindle(['--help']).out.replaceAll(/\s+/g, ' ')).toContain(`Exit codes: ${exitCodesInWords()}.`);
    expect(Object.keys(exitMeanings)).toEqual(Object.keys(exitCodes));
  });
});
