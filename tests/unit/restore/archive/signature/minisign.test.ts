import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../../common/run.ts';
import {
  fingerprint,
  formatKeyId,
  type PublicKey,
  parsePublicKey,
  renderPublicKey,
} from '../../../../../restore/archive/signature/public-key.ts';
import { generateKeyPair, openSecretKey, type SecretKey } from '../../../../../restore/archive/signature/secret-key.ts';
import { signBytes } from '../../../../../restore/archive/signature/sign.ts';
import {
  readSignature,
  requireGood,
  type SignatureResult,
  verifyBytes,
} from '../../../../../restore/archive/signature/verify.ts';
import { runOnTerminal } from '../on-terminal.ts';

let work = '';
let publicKey: PublicKey;
let secretKey: SecretKey;
const manifest = Buffer.from('{"format": 1}\n');
const at = (name: string): string => join(work, name);
const noPassword = (): Promise<string> => Promise.reject(new Error('no password is needed'));
/** Fast, and still scrypt: N = 2^10. */
const cheap = { operations: 2 ** 15, memory: 2 ** 20 };

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'minisign-'));
  await run(['minisign', '-G', '-W', '-p', at('key.pub'), '-s', at('key.key')]);
  publicKey = parsePublicKey(readFileSync(at('key.pub'), 'utf8'), 'key.pub');
  secretKey = await openSecretKey(readFileSync(at('key.key'), 'utf8'), 'key.key', noPassword);
  writeFileSync(at('manifest.json'), manifest);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const verifyByTool = (name: string, key = 'key.pub') =>
  run(['minisign', '-V', '-m', at(name), '-p', at(key)], { okExit: [0, 1, 2] });

/** What the real tool wrote for a content of that name. */
async function signedByTool(name: string, content: Uint8Array, ...more: string[]): Promise<Buffer> {
  writeFileSync(at(name), content);
  await run(['minisign', '-S', '-s', at('key.key'), '-m', at(name), ...more]);
  const signature = await readSignature(at(name));
  if (!signature) throw new Error('minisign wrote no signature');
  return signature;
}

describe('minisign itself', () => {
  it('[B11] accepts what we sign, and shows the trusted comment', async () => {
    const trustedComment = 'rekindle set 1b4e28ba, größe 14';
    writeFileSync(at('manifest.json.minisig'), signBytes(manifest, secretKey, { trustedComment }));
    const { exitCode, stdout } = await verifyByTool('manifest.json');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Trusted comment: ${trustedComment}`);
    writeFileSync(at('manifest.json'), 'changed');
    expect((await verifyByTool('manifest.json')).exitCode).toBe(1);
    writeFileSync(at('manifest.json'), manifest);
  });

  it.each([
    ['prehashed', []],
    ['legacy', ['-l']],
  ])('[B11] signs what we accept: %s', async (form, options) => {
    const content = randomBytes(100_000);
    const signature = await signedByTool(`content-${form}`, content, '-t', 'about\tthis', ...options);
    expect(verifyBytes(content, signature, publicKey)).toEqual({
      kind: 'good',
      keyId: publicKey.keyId,
      trustedComment: 'about\tthis',
    });
  });

  it('prints no zeros before the id, nor do we', () => {
    expect(formatKeyId(Buffer.from([0x41, 0xe0, 0x3f, 0xa5, 0xb8, 0x1c, 0xd7, 0x03]))).toBe('3D71CB8A53FE041');
    expect(formatKeyId(Buffer.alloc(8))).toBe('0');
  });

  it('prints the key id as we do, and writes the same public key', async () => {
    const text = readFileSync(at('key.pub'), 'utf8');
    expect(text).toContain(`minisign public key ${publicKey.keyId}`);
    expect(renderPublicKey(publicKey)).toBe(text);
    expect(parsePublicKey(text.split('\n')[1] ?? '', 'word').keyId).toBe(publicKey.keyId);
  });

  it.each([
    ['without a password', null],
    ['with a password', { password: 'geheim-wörter', cost: cheap }],
  ])('[B11] signs with a key that we made %s', async (how, protection) => {
    const name = protection ? 'locked' : 'open';
    const pair = await generateKeyPair(protection);
    writeFileSync(at(`${name}.pub`), pair.publicKey);
    writeFileSync(at(`${name}.key`), pair.secretKey);
    writeFileSync(at(name), how);
    const argv = ['minisign', '-S', '-s', at(`${name}.key`), '-m', at(name)] as const;
    if (protection) {
      const { exitCode } = await runOnTerminal([...argv], [[/Password:/, protection.password]]);
      expect(exitCode).toBe(0);
    } else await run([...argv]);
    expect((await verifyByTool(name, `${name}.pub`)).exitCode).toBe(0);
    const key = parsePublicKey(pair.publicKey, 'pub');
    expect(verifyBytes(Buffer.from(how), await readSignature(at(name)), key)).toMatchObject({ kind: 'good' });
  });

  it('[B11] makes a key with a password that we open', async () => {
    // With less memory than it wants, minisign takes less: the test is faster, and a cost is read that is not the usual.
    const limit = `--as=${400 * 2 ** 20}`;
    const argv = ['prlimit', limit, 'minisign', '-G', '-p', at('theirs.pub'), '-s', at('theirs.key')] as const;
    const { exitCode } = await runOnTerminal(
      [...argv],
      [
        [/Password:/, 'geheim'],
        [/one more time/, 'geheim'],
      ],
    );
    expect(exitCode).toBe(0);
    const text = readFileSync(at('theirs.key'), 'utf8');
    const key = await openSecretKey(text, 'theirs.key', async () => 'geheim');
    writeFileSync(at('theirs'), 'x');
    writeFileSync(at('theirs.minisig'), signBytes(Buffer.from('x'), key, { trustedComment: '' }));
    expect((await verifyByTool('theirs', 'theirs.pub')).exitCode).toBe(0);
  });
});

describe('a signature', () => {
  const sign = (trustedComment = 'set 1'): Buffer => Buffer.from(signBytes(manifest, secretKey, { trustedComment }));
  const reasonOf = (result: SignatureResult): string => (result.kind === 'bad' ? result.reason : result.kind);

  it('[B11] that is missing is not a bad one', async () => {
    writeFileSync(at('unsigned'), '');
    const result = verifyBytes(manifest, await readSignature(at('unsigned')), publicKey);
    expect(result).toEqual({ kind: 'unsigned' });
    expect(() => requireGood(result, 'manifest.json')).toThrow(expect.objectContaining({ code: 'RK332' }));
  });

  it('[B11] is not good when any bit of the content was flipped', () => {
    const signature = sign();
    for (let bit = 0; bit < manifest.length * 8; bit += 1) {
      const content = Buffer.from(manifest);
      content.writeUInt8(content.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(reasonOf(verifyBytes(content, signature, publicKey))).toBe('content');
    }
  });

  it('[B11] is not good when any bit of it was flipped, but in the comment that is not trusted', () => {
    const signature = sign();
    const free = signature.indexOf('\n');
    const prefix = 'untrusted comment: '.length;
    for (let bit = 0; bit < signature.length * 8 - 8; bit += 1) {
      const position = bit >> 3;
      if (position >= prefix && position < free) continue;
      const changed = Buffer.from(signature);
      changed.writeUInt8(changed.readUInt8(position) ^ (1 << (bit & 7)), position);
      const verdict = reasonOf(verifyBytes(manifest, changed, publicKey));
      expect(['malformed', 'otherKey', 'content', 'comment'], `bit ${bit}`).toContain(verdict);
    }
  });

  it('[B11] guards its trusted comment: another one is refused, by us and by minisign', async () => {
    const changed = sign('set 1').toString().replace('trusted comment: set 1', 'trusted comment: set 2');
    const result = verifyBytes(manifest, Buffer.from(changed), publicKey);
    expect(reasonOf(result)).toBe('comment');
    expect(() => requireGood(result, 'manifest.json')).toThrow(expect.objectContaining({ code: 'RK331' }));
    writeFileSync(at('manifest.json.minisig'), changed);
    expect((await verifyByTool('manifest.json')).exitCode).toBe(1);
  });

  it('of another key is refused, also when that has the same id', async () => {
    const other = await generateKeyPair(null);
    const otherKey = parsePublicKey(other.publicKey, 'other.pub');
    expect(reasonOf(verifyBytes(manifest, sign(), otherKey))).toBe('otherKey');
    const sameId = { ...otherKey, id: publicKey.id, keyId: publicKey.keyId };
    expect(reasonOf(verifyBytes(manifest, sign(), sameId))).toBe('content');
    expect(fingerprint(sameId)).not.toBe(fingerprint(publicKey));
    expect(fingerprint(publicKey)).toMatch(/^([0-9A-F]{4} ){7}[0-9A-F]{4}$/);
  });

  it('[B11] is not good with the algorithm exchanged', async () => {
    // The digest as content, signed in the legacy form, must not pass for a signature of what was digested.
    const digest = createHash('blake2b512').update(manifest).digest();
    const legacy = await signedByTool('digest', digest, '-l');
    expect(verifyBytes(digest, legacy, publicKey).kind).toBe('good');
    expect(reasonOf(verifyBytes(manifest, legacy, publicKey))).toBe('content');
  });

  it.each(['', 'hello', 'untrusted comment: x\nRWQ=\ntrusted comment: y\nAAAA\n'])('is not %j', (text) => {
    expect(reasonOf(verifyBytes(manifest, Buffer.from(text), publicKey))).toBe('malformed');
  });

  it('has comments of one line that cannot write to a terminal', () => {
    for (const trustedComment of ['a\nb', '\x1b[2J', 'a\0b', 'x'.repeat(9000)]) {
      expect(() => signBytes(manifest, secretKey, { trustedComment })).toThrow(RangeError);
      const long = signBytes(manifest, secretKey, { trustedComment: 'here' }).replace('here', trustedComment);
      expect(verifyBytes(manifest, Buffer.from(long), publicKey).kind).toBe('bad');
    }
    const untrustedComment = 'a\nb';
    expect(() => signBytes(manifest, secretKey, { trustedComment: '', untrustedComment })).toThrow(RangeError);
  });

  it('survives carriage returns, as in minisign', async () => {
    const text = sign().toString().replaceAll('\n', '\r\n');
    writeFileSync(at('manifest.json.minisig'), text);
    expect((await verifyByTool('manifest.json')).exitCode).toBe(0);
    expect(verifyBytes(manifest, Buffer.from(text), publicKey).kind).toBe('good');
  });
});
