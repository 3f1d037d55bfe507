import { randomBytes } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AgeFile } from '../../../../../restore/archive/age/age-file.ts';
import { AgeDecryptor } from '../../../../../restore/archive/age/decryptor.ts';
import { createEncryptor, encryptBytes } from '../../../../../restore/archive/age/encryptor.ts';
import { type AgeIdentity, parseIdentities } from '../../../../../restore/archive/age/identities.ts';
import { bufferAccess, type RandomAccess } from '../../../../../restore/archive/age/random-access.ts';
import { type AgeRecipients, parseRecipients } from '../../../../../restore/archive/age/recipients.ts';

let to: AgeRecipients;
let identities: AgeIdentity[];

beforeAll(async () => {
  const secret = await generateX25519Identity();
  to = await parseRecipients(await identityToRecipient(secret), 'recipients');
  identities = await parseIdentities(secret, 'key');
});

/** Sizes that lie close to where chunks end. */
const sizes = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -20, max: 20 }))
  .map(([chunks, more]) => Math.max(0, chunks * 65_536 + more));

/** Pieces of the given sizes, over and over. */
function* pieces(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const pieceSizes = fc.array(fc.oneof(fc.integer({ min: 50, max: 3000 }), fc.constantFrom(65_536, 65_552, 200_000)), {
  minLength: 1,
  maxLength: 4,
});

describe('a payload', () => {
  it('[B11] comes back whole, however it is cut into pieces on the way', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, pieceSizes, pieceSizes, async (size, before, after) => {
        const content = randomBytes(size);
        const encryptor = await createEncryptor(to);
        const expected = encryptor.fileSize(size);
        const encrypted = Buffer.concat(await Readable.from(pieces(content, before)).pipe(encryptor).toArray());
        expect(encrypted.length).toBe(expected);
        const decrypted = Readable.from(pieces(encrypted, after)).pipe(new AgeDecryptor(identities));
        expect(Buffer.concat(await decrypted.toArray()).equals(content)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('takes its header in single bytes', async () => {
    const encrypted = await encryptBytes(Buffer.from('content'), to);
    const stream = Readable.from(pieces(encrypted, [1])).pipe(new AgeDecryptor(identities));
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('content');
  });

  it('[B11] gives any range as the plaintext has it', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(300_000), fc.nat(300_000), async (size, offset, length) => {
        const content = randomBytes(size);
        const opened = await AgeFile.open(bufferAccess(await encryptBytes(content, to)), identities);
        expect(opened.size).toBe(size);
        expect((await opened.read(offset, length)).equals(content.subarray(offset, offset + length))).toBe(true);
        const tail = Math.min(offset, size);
        const parts: Buffer[] = [];
        for await (const part of opened.stream(tail)) parts.push(part);
        expect(Buffer.concat(parts).equals(content.subarray(tail))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('[B11] is read at several places at once', async () => {
    const content = randomBytes(5 * 65_536 + 100);
    const opened = await AgeFile.open(bufferAccess(await encryptBytes(content, to)), identities);
    const range = fc.tuple(fc.nat(content.length), fc.nat(300_000));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { minLength: 2, maxLength: 6 }), async (ranges) => {
        const read = await Promise.all(ranges.map(([offset, length]) => opened.read(offset, length)));
        for (const [index, [offset, length]] of ranges.entries())
          expect(read[index]?.equals(content.subarray(offset, offset + length))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('is read only where the range lies', async () => {
    const content = randomBytes(40 * 65_536);
    const encrypted = bufferAccess(await encryptBytes(content, to));
    const reads: [offset: number, length: number][] = [];
    const watched: RandomAccess = {
      size: encrypted.size,
      read: (offset, length) => {
        reads.push([offset, length]);
        return encrypted.read(offset, length);
      },
    };
    const opened = await AgeFile.open(watched, identities);
    const start = encrypted.size - 40 * 65_552;
    reads.length = 0;
    expect(await opened.read(20 * 65_536 + 5, 10)).toEqual(content.subarray(20 * 65_536 + 5, 20 * 65_536 + 15));
    expect(reads).toEqual([[start + 20 * 65_552, 65_552]]);
    expect(await opened.read(20 * 65_536 + 15, 10)).toEqual(content.subarray(20 * 65_536 + 15, 20 * 65_536 + 25));
    expect(reads).toHaveLength(1);
    reads.length = 0;
    expect((await opened.read(0, content.length)).equals(content)).toBe(true);
    expect(Math.max(...reads.map(([, length]) => length))).toBe(16 * 65_552);
  });

  it('refuses a range that cannot be', async () => {
    const opened = await AgeFile.open(bufferAccess(await encryptBytes(Buffer.from('x'), to)), identities);
    await expect(opened.read(-1, 1)).rejects.toThrow(RangeError);
    expect(await opened.read(7, 1)).toEqual(Buffer.alloc(0));
  });

  it.each(['encryption', 'decryption'])('[B11] keeps memory flat when what follows is slow: %s', async (direction) => {
    const piece = randomBytes(256 * 1024);
    const content = Buffer.concat(Array(64).fill(piece));
    const input = direction === 'encryption' ? content : await encryptBytes(content, to);
    const stream = direction === 'encryption' ? await createEncryptor(to) : new AgeDecryptor(identities);
    let most = 0;
    let bytes = 0;
    const slow = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        most = Math.max(most, stream.readableLength + stream.writableLength);
        bytes += chunk.length;
        setImmediate(done);
      },
    });
    await pipeline(Readable.from(pieces(input, [piece.length])), stream, slow);
    expect(bytes).toBeGreaterThanOrEqual(content.length);
    expect(most).toBeLessThan(3 * 1024 * 1024);
  });

  it('has a key of its own in each file', async () => {
    const content = Buffer.alloc(1000);
    const [one, other] = [await encryptBytes(content, to), await encryptBytes(content, to)];
    expect(one.length).toBe(other.length);
    expect(one.subarray(-1016).equals(other.subarray(-1016))).toBe(false);
  });
});
