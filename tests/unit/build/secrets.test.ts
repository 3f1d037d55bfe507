import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../build/config.ts';
import { type EncryptionRequest, readEncryption, readRecipients } from '../../../build/secrets.ts';

let work = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-secrets-'));
});
afterAll(() => rmSync(work, { recursive: true }));

const nobody = { recipient: [], recipientsFile: [], passphrase: false, passphraseFd: null };
const file = (text: string): string => {
  const path = join(work, 'recipients');
  writeFileSync(path, text);
  return path;
};

const encryptionOf = async (request: EncryptionRequest) => readEncryption(request, await readRecipients(request));

describe('[B11] to whom a set is encrypted', () => {
  it('is nobody only when nobody was asked for', async () => {
    expect(await encryptionOf(nobody)).toBeNull();
  });

  it.each([
    ['an empty file', ''],
    ['a blank line', '\n'],
    ['comments alone', '# our keys\n'],
  ])('an unencrypted set never comes of %s of recipients', async (_, text) => {
    const path = file(text);
    await expect(encryptionOf({ ...nobody, recipientsFile: [path] })).rejects.toMatchObject({
      code: 'RK327',
      reason: expect.stringContaining(path),
    });
  });

  it('nor of an empty word where a key belongs', async () => {
    await expect(encryptionOf({ ...nobody, recipient: [''] })).rejects.toMatchObject({ code: 'RK327' });
  });

  it('nor is a passphrase taken beside an empty file', async () => {
    await expect(encryptionOf({ ...nobody, recipientsFile: [file('')], passphraseFd: '3' })).rejects.toMatchObject({
      code: 'RK005',
    });
  });

  it.each(['recipient', 'recipients-file', 'trusted-keys'])('nor of settings with an empty list: %s', async (key) => {
    await expect(readConfig(file(`${key} = []\n`))).rejects.toMatchObject({
      code: 'RK221',
      reason: expect.stringContaining(key),
    });
  });
});
