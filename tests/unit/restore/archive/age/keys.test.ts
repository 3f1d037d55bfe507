import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Decrypter, Stanza } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../../common/run.ts';
import { AgeFile, decryptBytes } from '../../../../../restore/archive/age/age-file.ts';
import { encryptBytes } from '../../../../../restore/archive/age/encryptor.ts';
import { AgeError } from '../../../../../restore/archive/age/failure.ts';
import { makeHeader, openHeader } from '../../../../../restore/archive/age/header.ts';
import { parseIdentities, passphraseIdentity } from '../../../../../restore/archive/age/identities.ts';
import { bufferAccess } from '../../../../../restore/archive/age/random-access.ts';
import { parseRecipients, passphraseRecipients } from '../../../../../restore/archive/age/recipients.ts';
import { ageKey, type Keys, sshKey, workDirectory } from './age-tool.ts';

const { path, remove } = workDirectory();
const content = Buffer.from('content');
let age: Keys;
let other: Keys;
let ed25519: Keys;
let rsa: Keys;

const identitiesOf = ({ identity }: Keys) => parseIdentities(readFileSync(identity, 'utf8'), identity);

beforeAll(async () => {
  age = await ageKey(path('age.key'));
  other = await ageKey(path('other.key'));
  ed25519 = await sshKey(path('ed25519'), 'ed25519');
  rsa = await sshKey(path('rsa'), 'rsa');
});
afterAll(remove);

describe('a file that cannot be opened', () => {
  it('[B11] says that the passphrase is wrong', async () => {
    const file = await encryptBytes(content, passphraseRecipients('right', 10));
    await expect(decryptBytes(file, [passphraseIdentity('wrong')])).rejects.toMatchObject({
      code: 'RK320',
      failure: { kind: 'wrongPassphrase' },
    });
    const both = [passphraseIdentity('wrong'), passphraseIdentity('right')];
    expect(await decryptBytes(file, both)).toEqual(content);
  });

  it('[B11] names the keys that it wants, and those that were given', async () => {
    const to = await parseRecipients(`${age.recipient}\n${ed25519.recipient}`, 'recipients');
    const file = await encryptBytes(content, to);
    const given = [passphraseIdentity('x'), ...(await identitiesOf(other)), ...(await identitiesOf(rsa))];
    const error = await decryptBytes(file, given, 'a.age').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'RK321', failure: { kind: 'noMatch' } });
    const { stdout } = await run(['ssh-keygen', '-l', '-f', `${rsa.identity}.pub`]);
    const fingerprint = stdout.split(' ')[1];
    expect(error).toHaveProperty(
      'reason',
      expect.stringMatching(/^a\.age opens with the key of X25519, ssh-ed25519 \S+; given: the passphrase, age1/),
    );
    expect(error).toHaveProperty('reason', expect.stringContaining(`ssh-rsa ${fingerprint}`));
  });

  it('wants a passphrase where only keys were given', async () => {
    const file = await encryptBytes(content, passphraseRecipients('right', 10));
    await expect(decryptBytes(file, await identitiesOf(age))).rejects.toMatchObject({
      failure: { kind: 'noMatch', recipients: ['scrypt'] },
      reason: expect.stringContaining('opens with a passphrase'),
    });
  });

  it('[B11] says that the header was changed when a key fits', async () => {
    const file = await encryptBytes(content, await parseRecipients(age.recipient, 'recipients'));
    const mac = file.indexOf('\n--- ') + 5;
    file[mac] = file[mac] === 0x41 ? 0x42 : 0x41;
    const failure = { code: 'RK322', failure: { kind: 'headerMac' } };
    await expect(decryptBytes(file, await identitiesOf(age))).rejects.toMatchObject(failure);
  });

  it('by a changed header of SSH keys is found in every byte', async () => {
    for (const key of [ed25519, rsa]) {
      const { bytes } = await makeHeader(await parseRecipients(key.recipient, 'recipients'));
      const identities = await identitiesOf(key);
      for (let at = 22; at < bytes.length - 1; at += 1) {
        const header = Buffer.from(bytes);
        header.writeUInt8(header.readUInt8(at) ^ 1, at);
        await expect(openHeader(header, identities, 'file'), `byte ${at}`).rejects.toBeInstanceOf(AgeError);
      }
    }
  });

  it.each([
    ['of another kind', Buffer.from('PK\x03\x04 a zip')],
    ['of a later version', Buffer.from('age-encryption.org/v2\n')],
    ['armored', Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\n')],
  ])('is not taken for one when it is %s', async (_kind, file) => {
    await expect(decryptBytes(file, [])).rejects.toMatchObject({ code: 'RK325', failure: { kind: 'notAge' } });
  });

  it('may not have an endless header', async () => {
    const file = Buffer.from(`age-encryption.org/v1\n${'-> x y\n\n'.repeat(40_000)}`);
    await expect(decryptBytes(file, [])).rejects.toMatchObject({ failure: { kind: 'badHeader' } });
  });
});

describe('the passphrase', () => {
  it('is not tried at a cost that takes all memory', async () => {
    const { bytes } = await makeHeader(passphraseRecipients('x', 10));
    const dear = Buffer.from(Buffer.from(bytes).toString().replace(/ 10\n/, ' 21\n'));
    await expect(openHeader(dear, [passphraseIdentity('x')], 'file')).rejects.toMatchObject({
      code: 'RK326',
      failure: { kind: 'memory', bytes: 2 ** 31 },
    });
    expect(() => passphraseRecipients('x', 21)).toThrow(RangeError);
  });

  it('is 18 hard unless told otherwise, as in age', async () => {
    const { bytes } = await makeHeader(passphraseRecipients('x'));
    expect(Buffer.from(bytes).toString()).toMatch(/^-> scrypt \S{22} 18$/m);
  });

  it('must stand alone in the header', async () => {
    const stanza = (): Stanza => new Stanza(['scrypt', 'A'.repeat(22), '10'], new Uint8Array(32));
    const decrypter = new Decrypter();
    passphraseIdentity('x').addTo(decrypter);
    const to = { names: [], recipients: [{ wrapFileKey: () => [stanza(), stanza()] }] };
    const { bytes } = await makeHeader(to);
    await expect(decrypter.decryptHeader(bytes)).rejects.toMatchObject({ failure: { kind: 'badHeader' } });
  });

  it('has another salt in each file', async () => {
    const to = passphraseRecipients('x', 10);
    const salts = await Promise.all([1, 2].map(async () => Buffer.from((await makeHeader(to)).bytes).toString()));
    expect(salts[0]?.split(' ')[2]).not.toBe(salts[1]?.split(' ')[2]);
  });

  it('[B11] is asked once and opens every file', async () => {
    const to = passphraseRecipients('x', 10);
    const identities = [passphraseIdentity('x')];
    const files = [await encryptBytes(content, to), await encryptBytes(content, to)];
    for (const file of [...files, ...files]) {
      const opened = await AgeFile.open(bufferAccess(file), identities);
      expect(await opened.read(0, 100)).toEqual(content);
    }
  });
});

describe('keys', () => {
  it.each([
    ['age1qqqq', 'not whole'],
    ['age1pq1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq', 'of a newer type'],
    ['ssh-ed25519 AAAA', 'damaged'],
    ['ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTY=', 'of another type'],
    ['age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqjlqzxr', 'made of zeros, or mistyped'],
    ['# nothing', 'missing'],
  ])('as recipients are refused at once: %s is %s', async (line) => {
    await expect(parseRecipients(line, 'list')).rejects.toMatchObject({
      code: 'RK327',
      reason: expect.stringContaining('list'),
    });
  });

  it('that are secret are not taken for recipients, and not shown', async () => {
    const secret = readFileSync(age.identity, 'utf8');
    const error = await parseRecipients(secret, 'age.key').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'RK327', reason: 'age.key, line 3: this is a secret key, not a recipient' });
    expect(inspect(error)).not.toContain(secret.slice(-60, -1));
  });

  it('of SSH must have 2048 bits', async () => {
    await run(['ssh-keygen', '-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', path('short')]);
    const line = readFileSync(path('short.pub'), 'utf8');
    await expect(parseRecipients(line, 'short.pub')).rejects.toMatchObject({ code: 'RK327' });
    await expect(parseIdentities(readFileSync(path('short'), 'utf8'), 'short')).rejects.toMatchObject({
      code: 'RK328',
      reason: expect.stringContaining('2048'),
    });
  });

  it.each([[], ['-m', 'PEM'], ['-m', 'PKCS8']])(
    'of SSH with a passphrase are refused with a way out',
    async (...form) => {
      const file = path(`locked${form.join('')}`);
      await run(['ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', ...form, '-N', 'secret', '-f', file]);
      await expect(parseIdentities(readFileSync(file, 'utf8'), file)).rejects.toMatchObject({
        code: 'RK328',
        reason: `${file} is protected by a passphrase`,
        hint: expect.stringContaining('ssh-keygen -p'),
      });
    },
  );

  it('of SSH that age does not know are named', async () => {
    await run(['ssh-keygen', '-q', '-t', 'ecdsa', '-N', '', '-f', path('ecdsa')]);
    await expect(parseIdentities(readFileSync(path('ecdsa'), 'utf8'), 'k')).rejects.toMatchObject({
      reason: expect.stringContaining('ecdsa-sha2-nistp256'),
    });
  });

  it('in damaged files are refused without being shown', async () => {
    for (const key of [age, ed25519, rsa]) {
      const text = readFileSync(key.identity, 'utf8');
      const cut = text.slice(0, -120);
      const broken = key === age ? text.trim().slice(0, -1) : `${cut}\n-----END OPENSSH PRIVATE KEY-----\n`;
      const error = await parseIdentities(broken, 'key').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'RK328' });
      expect(inspect(error)).not.toContain(text.trim().slice(-90, -70));
    }
    await expect(parseIdentities('# a comment\n', 'key')).rejects.toMatchObject({ code: 'RK328' });
  });

  it('do not show their secret when they are printed', async () => {
    const secret = readFileSync(age.identity, 'utf8').trim().split('\n').at(-1) ?? '';
    const identities = [...(await identitiesOf(age)), passphraseIdentity('a secret word')];
    const shown = inspect(identities, { depth: 9, showHidden: true }) + JSON.stringify(identities);
    expect(shown).toContain(age.recipient);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('a secret word');
    expect(inspect(passphraseRecipients('a secret word'), { depth: 9, showHidden: true })).not.toContain('secret word');
  });
});
