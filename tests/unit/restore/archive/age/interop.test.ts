import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../../common/run.ts';
import { AgeFile, decryptBytes } from '../../../../../restore/archive/age/age-file.ts';
import { AgeDecryptor } from '../../../../../restore/archive/age/decryptor.ts';
import { createEncryptor, encryptBytes } from '../../../../../restore/archive/age/encryptor.ts';
import { parseIdentities, passphraseIdentity } from '../../../../../restore/archive/age/identities.ts';
import { createIdentityFile, openIdentityFile } from '../../../../../restore/archive/age/identity-file.ts';
import { fileAccess } from '../../../../../restore/archive/age/random-access.ts';
import { parseRecipients, passphraseRecipients } from '../../../../../restore/archive/age/recipients.ts';
import { runOnTerminal } from '../on-terminal.ts';
import { ageKey, type Keys, sshKey, workDirectory } from './age-tool.ts';

const { path, remove } = workDirectory();
const content = randomBytes(200_000);
const passphrase = 'correct horse, bättery';
const keys: Record<string, Keys> = {};

beforeAll(async () => {
  keys.age = await ageKey(path('age.key'));
  keys['ssh-ed25519'] = await sshKey(path('ed25519'), 'ed25519');
  keys['ssh-rsa'] = await sshKey(path('rsa'), 'rsa');
  keys['ssh-rsa in PKCS#1'] = await sshKey(path('rsa-pem'), 'rsa', 'PEM');
  keys['ssh-rsa in PKCS#8'] = await sshKey(path('rsa-pkcs8'), 'rsa', 'PKCS8');
  writeFileSync(path('content'), content);
});
afterAll(remove);

const kinds = ['age', 'ssh-ed25519', 'ssh-rsa', 'ssh-rsa in PKCS#1', 'ssh-rsa in PKCS#8'];
const keyOf = (kind: string): Keys => keys[kind] ?? { recipient: '', identity: '' };
const identitiesOf = ({ identity }: Keys) => parseIdentities(readFileSync(identity, 'utf8'), identity);

/** By standard output: with -o, age makes no file for an empty content. */
function readByAge(file: string, identity: string): Buffer {
  return execFileSync('age', ['-d', '-i', identity, file]);
}

describe('age itself', () => {
  it.each(kinds)('[B11] reads what we encrypt to a key: %s', async (kind) => {
    const key = keyOf(kind);
    const file = path(`ours ${kind.replace('/', '')}`);
    const to = await parseRecipients(key.recipient, 'recipients');
    await pipeline(createReadStream(path('content')), await createEncryptor(to), createWriteStream(file));
    expect(readByAge(file, key.identity).equals(content)).toBe(true);
  });

  it.each(kinds)('[B11] is read by us, as a stream and at any place: %s', async (kind) => {
    const key = keyOf(kind);
    const file = path(`theirs ${kind}`);
    await run(['age', '-r', key.recipient, '-o', file, path('content')]);
    const identities = await identitiesOf(key);
    const stream = createReadStream(file).pipe(new AgeDecryptor(identities));
    expect(Buffer.concat(await stream.toArray()).equals(content)).toBe(true);
    const handle = await open(file);
    const opened = await AgeFile.open(await fileAccess(handle), identities);
    expect(opened.size).toBe(content.length);
    expect(await opened.read(65_530, 100)).toEqual(content.subarray(65_530, 65_630));
    await handle.close();
  });

  it('[B11] opens a file for many recipients with each of their keys', async () => {
    const lines = ['# who may open this', '', ...kinds.map((kind) => keyOf(kind).recipient)].join('\n');
    const to = await parseRecipients(lines, 'recipients');
    expect(to.names).toHaveLength(kinds.length);
    const file = path('many');
    writeFileSync(file, await encryptBytes(content, to));
    for (const kind of kinds) expect(readByAge(file, keyOf(kind).identity).equals(content)).toBe(true);
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073])('reads %d bytes of ours', async (size) => {
    const file = path(`size ${size}`);
    const key = keyOf('age');
    const sized = randomBytes(size);
    const encryptor = await createEncryptor(await parseRecipients(key.recipient, 'recipients'));
    const expected = encryptor.fileSize(size);
    encryptor.end(sized);
    const encrypted = Buffer.concat(await encryptor.toArray());
    expect(encrypted.length).toBe(expected);
    writeFileSync(file, encrypted);
    expect(readByAge(file, key.identity).equals(sized)).toBe(true);
    const theirs = execFileSync('age', ['-r', key.recipient], { input: sized });
    expect((await decryptBytes(theirs, await identitiesOf(key))).equals(sized)).toBe(true);
  });
});

describe('a passphrase', () => {
  it('[B11] of ours opens the file in age', async () => {
    const file = path('passphrase');
    writeFileSync(file, await encryptBytes(content, passphraseRecipients(passphrase, 10)));
    const { exitCode } = await runOnTerminal(
      ['age', '-d', '-o', `${file}.plain`, file],
      [[/Enter passphrase/, passphrase]],
    );
    expect(exitCode).toBe(0);
    expect(readFileSync(`${file}.plain`).equals(content)).toBe(true);
  });

  it('[B11] given to age opens its file here', async () => {
    const file = path('passphrase by age');
    const { exitCode } = await runOnTerminal(
      ['age', '-p', '-o', file, path('content')],
      [
        [/Enter passphrase/, passphrase],
        [/Confirm passphrase/, passphrase],
      ],
    );
    expect(exitCode).toBe(0);
    const opened = await decryptBytes(readFileSync(file), [passphraseIdentity(passphrase)]);
    expect(opened.equals(content)).toBe(true);
  });

  it('[B11] protects a key that opens many files, here and in age', async () => {
    const { file, recipients } = await createIdentityFile(passphraseRecipients(passphrase, 10));
    writeFileSync(path('key.age'), file);
    writeFileSync(path('to the key'), await encryptBytes(content, recipients));
    const { exitCode } = await runOnTerminal(
      ['age', '-d', '-i', path('key.age'), '-o', path('by the key'), path('to the key')],
      [[/Enter passphrase/, passphrase]],
    );
    expect(exitCode).toBe(0);
    expect(readFileSync(path('by the key')).equals(content)).toBe(true);
    const identities = await openIdentityFile(file, 'key.age', async () => passphrase);
    expect((await decryptBytes(readFileSync(path('to the key')), identities)).equals(content)).toBe(true);
    await expect(openIdentityFile(file, 'key.age', async () => 'wrong')).rejects.toMatchObject({ code: 'RK320' });
    const plain = await openIdentityFile(readFileSync(path('age.key')), 'age.key', () => Promise.reject(new Error()));
    expect(plain.map(({ name }) => name)).toEqual([keyOf('age').recipient]);
  });
});
