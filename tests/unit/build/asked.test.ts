import { symlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { assertUsable, descriptorsOf } from '../../../build/asked.ts';
import type { CreateRequest } from '../../../build/main.ts';
import { readKeys } from '../../../build/secrets.ts';
import { reportOf } from '../../../common/errors/error.ts';
import { run } from '../../../common/run.ts';
import { temporaryDirectory } from './temporary.ts';

let work = '';
const at = (name: string): string => join(work, name);
beforeEach(async () => {
  work = await temporaryDirectory();
  await mkdir(at('media'));
});

/** What the command line hands over when it says nothing but where to. */
function asked(changes: Partial<CreateRequest> = {}): CreateRequest {
  return {
    ...{ to: [`iso:${at('media/x.iso')}`], rescueOnly: false, kernelArgument: [], allowUnencrypted: false },
    ...{ recipient: [], recipientsFile: [], passphrase: false, passphraseFd: null, signingPasswordFd: null },
    ...{ trustedKey: [], verify: true, raw: true, configFile: null, json: false },
    ...changes,
  };
}

const use = (changes: Partial<CreateRequest>) => assertUsable(asked(changes), asked(changes));

describe('[A5] what create was asked for', () => {
  it.each<[string, Partial<CreateRequest>, string, RegExp]>([
    ['no destination', { to: [] }, 'RK005', /--to iso:FILE/],
    ['no form of a destination', { to: ['/x.iso'] }, 'RK005', /"\/x\.iso": a destination looks like iso:FILE/],
    ['another kind', { to: ['tape:/dev/nst0'] }, 'RK206', /tape/],
    ['a folder that is not there', { to: ['iso:/no/such/x.iso'] }, 'RK208', /\/no\/such/],
    ['a size', { volumeSize: 'foo' }, 'RK222', /"foo"/],
    ['counts', { keep: 'all' }, 'RK005', /--keep all/],
    ['a kernel argument', { kernelArgument: ['a b'] }, 'RK005', /"a b"/],
    ['a recipient', { recipient: ['age1foo'] }, 'RK327', /--recipient.*age1foo/],
    ['an empty recipient', { recipient: [''] }, 'RK327', /--recipient names no recipient/],
    ['a work directory that is not there', { workDirectory: '/no/such' }, 'RK231', /\/no\/such/],
    ['a work directory that is none', { workDirectory: '/etc/passwd' }, 'RK231', /no folder/],
    ['a password of no key', { signingPasswordFd: '3' }, 'RK005', /--signing-password-fd/],
    ['a level of no backup', { rescueOnly: true, level: 'incremental' }, 'RK005', /--level incremental/],
    ['keys and a passphrase', { recipient: ['age1foo'], passphrase: true }, 'RK005', /not both/],
  ])('%s is told', async (_, changes, code, reason) => {
    await expect(use(changes)).rejects.toMatchObject({ code, reason: expect.stringMatching(reason) });
  });

  it('no recipient in a file of recipients does not mean: not encrypted', async () => {
    await writeFile(at('empty'), '');
    await writeFile(at('comments'), '# nobody yet\n');
    for (const name of ['empty', 'comments'])
      await expect(use({ recipientsFile: [at(name)] })).rejects.toMatchObject({
        code: 'RK327',
        reason: `${at(name)} names no recipient`,
      });
    // Nor does a good one beside it.
    await run(['age-keygen', '-o', at('age.key')]);
    const { stdout } = await run(['age-keygen', '-y', at('age.key')]);
    await writeFile(at('good'), stdout);
    await expect(use({ recipientsFile: [at('good'), at('empty')] })).rejects.toMatchObject({ code: 'RK327' });
    expect((await use({ recipientsFile: [at('good')] })).recipients?.names).toEqual([stdout.trim()]);
    expect((await use({})).recipients).toBeNull();
  });

  const kinds: [string, (file: string) => Promise<unknown>][] = [
    ['a file of recipients', (file) => use({ recipientsFile: [file] })],
    ['an answer file', (file) => use({ answer: file })],
    ['a trusted key', (file) => readKeys({ trustedKey: [file], signingPasswordFd: null, rescueOnly: true })],
    [
      'a signing key',
      (file) => readKeys({ trustedKey: [], signingKey: file, signingPasswordFd: null, rescueOnly: true }),
    ],
  ];
  it.each(kinds)('%s that is not there, or is no file, is an error with its path', async (_, read) => {
    const missing = await read(at('none')).catch(reportOf);
    expect(missing).toMatchObject({ code: 'RK498', cause: expect.stringMatching(/none: no such file/) });
    for (const path of ['/dev/zero', '/etc'])
      await expect(read(path)).rejects.toMatchObject({ code: 'RK009', reason: expect.stringContaining(path) });
  });

  it('a pipe is no answer file: it is read twice', async () => {
    const answer = '[[disk]]\nsource = "disk0"\nserial = "S"\n';
    await writeFile(at('answer.toml'), answer);
    await expect(use({ answer: at('answer.toml') })).resolves.toBeDefined();
    symlinkSync('answer.toml', at('link'));
    await expect(use({ answer: at('link') })).resolves.toBeDefined();
    await run(['mkfifo', at('pipe')]);
    const done = use({ answer: at('pipe') });
    await expect(done).rejects.toMatchObject({ code: expect.stringMatching(/^RK(009|459)$/) });
  });

  it('the files that a shell makes of a command stay open for it', () => {
    const flags = asked({
      passphraseFd: '7',
      recipientsFile: ['/dev/fd/2', '/dev/fd/99999', '/x'],
      signingKey: '/proc/self/fd/1',
    });
    expect(descriptorsOf(flags)).toEqual([7]);
  });
});
