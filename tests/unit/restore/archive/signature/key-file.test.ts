import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { minisignCost, scryptParameters } from '../../../../../restore/archive/signature/key-stream.ts';
import { parsePublicKey } from '../../../../../restore/archive/signature/public-key.ts';
import { generateKeyPair, openSecretKey } from '../../../../../restore/archive/signature/secret-key.ts';

const noPassword = (): Promise<string> => Promise.reject(new Error('no password is needed'));
/** Fast, and still scrypt: N = 2^10. */
const cheap = { operations: 2 ** 15, memory: 2 ** 20 };

describe('a key file', () => {
  it('[B11] opens with its password only', async () => {
    const { secretKey: text } = await generateKeyPair({ password: 'right', cost: cheap });
    await expect(openSecretKey(text, 'key', async () => 'right')).resolves.toBeDefined();
    await expect(openSecretKey(text, 'key', async () => 'wrong')).rejects.toMatchObject({ code: 'RK334' });
  });

  it('is refused when it is damaged, and never shown', async () => {
    const { secretKey: text, publicKey } = await generateKeyPair(null);
    const line = text.split('\n')[1] ?? '';
    const bytes = Buffer.from(line, 'base64');
    bytes.writeUInt8(bytes.readUInt8(80) ^ 1, 80);
    for (const broken of ['', 'x', line.slice(4), bytes.toString('base64'), publicKey]) {
      const error = await openSecretKey(broken, 'key', noPassword).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'RK333' });
      expect(inspect(error)).not.toContain(line.slice(80, 120));
    }
    const secretKey = await openSecretKey(text, 'key', noPassword);
    expect(inspect(secretKey, { depth: 9, showHidden: true })).not.toContain(line.slice(80, 120));
    expect(() => parsePublicKey(text, 'key.key')).toThrow(expect.objectContaining({ code: 'RK333' }));
  });

  it.each([
    [minisignCost, { N: 2 ** 20, r: 8, p: 1 }],
    [
      { operations: 2 ** 23, memory: 2 ** 28 },
      { N: 2 ** 18, r: 8, p: 1 },
    ],
    [
      { operations: 524_288, memory: 16_777_216 },
      { N: 2 ** 14, r: 8, p: 1 },
    ], // libsodium's INTERACTIVE
    [
      { operations: 1, memory: 2 ** 30 },
      { N: 2 ** 10, r: 8, p: 1 },
    ],
    [
      { operations: 2 ** 25, memory: 2 ** 24 },
      { N: 2 ** 14, r: 8, p: 64 },
    ],
  ])('has the cost of libsodium: %o', (cost, parameters) => {
    expect(scryptParameters(cost)).toEqual(parameters);
  });

  it('cannot ask for more memory than the keys of minisign', async () => {
    const { secretKey: text } = await generateKeyPair({ password: 'x', cost: cheap });
    const bytes = Buffer.from(text.split('\n')[1] ?? '', 'base64');
    bytes.writeBigUInt64LE(2n ** 40n, 38);
    bytes.writeBigUInt64LE(2n ** 34n, 46);
    await expect(openSecretKey(bytes.toString('base64'), 'key', async () => 'x')).rejects.toMatchObject({
      code: 'RK333',
      reason: expect.stringContaining('refused'),
    });
  });
});
