import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { withoutPrograms } from '../../fixtures/without-programs.ts';

const root = join(import.meta.dirname, '../../..');
let work = '';
const at = (name: string): string => join(work, name);

/** No terminal: whoever asks for a passphrase fails with RK329, and so is found. */
function create(...args: string[]) {
  const node = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), 'create', ...args];
  const done = spawnSync('setsid', ['--wait', process.execPath, ...node], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

function withSettings(text: string, ...args: string[]) {
  writeFileSync(at('settings.toml'), text);
  return create('--config', at('settings.toml'), ...args);
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'create-usage-'));
  // Too small for any medium: what is not refused before ends there, and nothing is ever made.
  mkdirSync(at('small'));
  await run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', at('small')]);
  writeFileSync(at('no-settings.toml'), '');
});
afterAll(async () => {
  await run(['umount', at('small')]);
  rmSync(work, { recursive: true });
});

describe('[A5] what is named and is not there, or is none', () => {
  it.each([
    ['--signing-key', 'signing-key = "FILE"'],
    ['--recipients-file', 'recipients-file = ["FILE"]'],
  ])('%s is an error with its path, as an option and as the setting %s', (flag, setting) => {
    const to = ['--to', `iso:${at('small/x.iso')}`];
    const asOption = create('--config', at('no-settings.toml'), ...to, flag, at('none'));
    const asSetting = withSettings(setting.replace('FILE', at('none')), ...to);
    for (const done of [asOption, asSetting])
      expect(done).toMatchObject({ code: 5, out: '', err: expect.stringMatching(/none: no such file.*RK498/s) });
  });

  it('settings that are wrong are named, with the file and the key', () => {
    const done = withSettings('to = "/x.iso"\nvolume-size = "foo"\n');
    expect(done).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/settings\.toml: to\[0\]: .*RK221/s) });
    expect(done.err).toContain('volume-size: "foo" is no size');
    expect(create('--config', '/dev/zero')).toMatchObject({ code: 5, err: expect.stringContaining('RK009') });
  });
});

describe('[A5] before a passphrase is asked for, and before any work', () => {
  it.each([
    ['no destination', [], /--to iso:FILE.*RK005/s],
    ['a folder that is not there', ['--to', 'iso:/no/such/x.iso'], /RK208/],
    ['a work directory that is none', ['--to', 'TO', '--work-directory', '/etc/passwd'], /no folder.*RK231/s],
  ] as const)('%s', (_, args, err) => {
    const given = args.map((word) => (word === 'TO' ? `iso:${at('small/x.iso')}` : word));
    const done = create('--config', at('no-settings.toml'), '--passphrase', ...given);
    expect(done).toMatchObject({ code: 2, out: '', err: expect.stringMatching(err) });
    expect(done.err).not.toMatch(/RK329|RK201/);
  });

  it('keys may come from a pipe of the shell', () => {
    const script = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(root, 'rekindle.ts'),
      'create',
    ].join(' ');
    const line = `${script} --config ${at('no-settings.toml')} --to iso:${at('small/x.iso')} --recipients-file <(sleep 0.2; echo '# none')`;
    const done = spawnSync('bash', ['-c', line], { encoding: 'utf8', timeout: 60_000 });
    expect(done).toMatchObject({ status: 2, stderr: expect.stringMatching(/fd\/\d+ names no recipient/) });
  });

  it('what is right comes as far as the look at the machine', () => {
    const done = create('--config', at('no-settings.toml'), '--to', `iso:${at('small/x.iso')}`);
    expect(done).toMatchObject({ code: 3, err: expect.stringMatching(/RK205.*RK201/s) });
  });

  it('[A1] a program that create itself becomes is named with its package', async () => {
    await withoutPrograms(['unshare']);
    const done = create('--config', at('no-settings.toml'), '--to', `iso:${at('small/x.iso')}`);
    expect(done).toMatchObject({ code: 1, err: expect.stringMatching(/unshare was not found.*RK004/s) });
    expect(done.err).not.toMatch(/bug/);
  });
});
