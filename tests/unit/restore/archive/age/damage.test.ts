import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AgeFile, decryptBytes } from '../../../../../restore/archive/age/age-file.ts';
import { AgeDecryptor } from '../../../../../restore/archive/age/decryptor.ts';
import { encryptBytes } from '../../../../../restore/archive/age/encryptor.ts';
import { AgeError, type AgeFailure } from '../../../../../restore/archive/age/failure.ts';
import { makeHeader } from '../../../../../restore/archive/age/header.ts';
import { type AgeIdentity, parseIdentities } from '../../../../../restore/archive/age/identities.ts';
import { PayloadCipher } from '../../../../../restore/archive/age/payload.ts';
import { bufferAccess } from '../../../../../restore/archive/age/random-access.ts';
import { type AgeRecipients, parseRecipients } from '../../../../../restore/archive/age/recipients.ts';

const sealed = 65_552;
const content = randomBytes(3 * 65_536);
let to: AgeRecipients;
let identities: AgeIdentity[];
let small: Buffer;
let large: Buffer;
/** Where the chunks of `large` begin. */
let start = 0;

beforeAll(async () => {
  const secret = await generateX25519Identity();
  to = await parseRecipients(await identityToRecipient(secret), 'recipients');
  identities = await parseIdentities(secret, 'key');
  small = await encryptBytes(Buffer.from('secret words'), to);
  large = await encryptBytes(content, to);
  start = large.length - 3 * sealed;
});

/** How both ways to read a file end; the bytes that came out of the stream are a beginning of the content. */
async function failuresOf(file: Buffer): Promise<(AgeFailure | 'none')[]> {
  const failures: (AgeFailure | 'none')[] = [];
  const note = (error: unknown): void => {
    if (!(error instanceof AgeError)) throw error;
    failures.push(error.failure);
  };
  const out: Buffer[] = [];
  const stream = Readable.from([file]).pipe(new AgeDecryptor(identities, 'file'));
  await (async () => {
    for await (const chunk of stream) out.push(chunk as Buffer);
  })().then(() => failures.push('none'), note);
  await decryptBytes(file, identities, 'file').then(() => failures.push('none'), note);
  if (file.length > 1000) {
    const released = Buffer.concat(out);
    expect(released.equals(content.subarray(0, released.length))).toBe(true);
  }
  return failures;
}

const flipped = (file: Buffer, at: number, bit = 0): Buffer => {
  const copy = Buffer.from(file);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << bit), at);
  return copy;
};

describe('damage', () => {
  it('[B11] is found in every byte of a small file', async () => {
    for (let at = 0; at < small.length; at += 1) {
      const failures = await failuresOf(flipped(small, at, at % 8));
      expect(failures, `byte ${at}`).not.toContain('none');
    }
  });

  it('[B11] is found where it is, in a chunk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3 * sealed - 1), fc.nat(7), async (at, bit) => {
        const chunk = Math.floor(at / sealed);
        const failure = {
          kind: 'damagedChunk',
          offset: start + chunk * sealed,
          chunk,
          last: chunk === 2,
        };
        expect(await failuresOf(flipped(large, start + at, bit))).toEqual([failure, failure]);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves the other chunks readable', async () => {
    const opened = await AgeFile.open(bufferAccess(flipped(large, start + sealed + 9)), identities, 'file');
    expect(await opened.read(65_000, 500)).toEqual(content.subarray(65_000, 65_500));
    await expect(opened.read(65_000, 600)).rejects.toMatchObject({
      code: 'RK324',
      reason: expect.stringContaining(`at byte ${start + sealed} (byte 65536 of the content)`),
    });
    expect(await opened.read(131_072, 10)).toEqual(content.subarray(131_072, 131_082));
  });

  it('by moved, repeated, dropped and added chunks is found', async () => {
    const head = large.subarray(0, start);
    const chunk = (index: number): Buffer => large.subarray(start + index * sealed, start + (index + 1) * sealed);
    const orders = [[1, 0, 2], [0, 0, 2], [0, 2], [2], [0, 1, 2, 2], [0, 1, 2, 0]];
    for (const order of orders) {
      const failures = await failuresOf(Buffer.concat([head, ...order.map(chunk)]));
      expect(failures, String(order)).toEqual([
        expect.objectContaining({ kind: 'damagedChunk' }),
        expect.objectContaining({ kind: 'damagedChunk' }),
      ]);
    }
    expect(await failuresOf(Buffer.concat([large, Buffer.from('x')]))).not.toContain('none');
  });
});

describe('a cut file', () => {
  it('[B11] is found at each place of a small one', async () => {
    for (let length = 0; length < small.length; length += 1)
      expect(await failuresOf(small.subarray(0, length)), `${length} bytes`).not.toContain('none');
  });

  it('[B11] is called cut where that is certain: in the header, and between chunks', async () => {
    for (const length of [
      0,
      10,
      start - 20,
      start - 1,
      start,
      start + sealed,
      start + 2 * sealed,
      start + 2 * sealed + 5,
    ]) {
      const failure = { kind: 'truncated', offset: length };
      expect(await failuresOf(large.subarray(0, length)), `${length} bytes`).toEqual([failure, failure]);
    }
  });

  it('[B11] is found at any other place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 * sealed - 1 }), async (length) => {
        expect(await failuresOf(large.subarray(0, start + length))).not.toContain('none');
      }),
      { numRuns: 40 },
    );
  });

  it('may not end in an empty chunk', async () => {
    // What a writer that does not know the format makes of a content of exactly one chunk.
    const header = await makeHeader(to);
    const nonce = randomBytes(16);
    const cipher = new PayloadCipher(header.fileKey, nonce);
    const parts = [...cipher.seal(0, false, content.subarray(0, 65_536)), ...cipher.seal(1, true, Buffer.alloc(0))];
    expect(await failuresOf(Buffer.concat([header.bytes, nonce, ...parts]))).not.toContain('none');
  });
});
