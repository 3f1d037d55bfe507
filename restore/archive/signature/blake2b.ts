// node:crypto's BLAKE2b gives 64 bytes only, and a shorter one is another function, not a cut of that.
const mask = 2n ** 64n - 1n;
/** The fractional parts of the square roots of the first eight primes (as SHA-512). */
const start = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
];
/** Order of the message words in rounds 0 to 9; rounds 10 and 11 repeat 0 and 1. */
const orders = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** The words that each of the eight mixings of a round works on: columns, then diagonals. */
const quarters = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

const rotate = (value: bigint, by: bigint): bigint => ((value >> by) | (value << (64n - by))) & mask;

function mix(v: BigUint64Array, [a, b, c, d]: (typeof quarters)[number], x: bigint, y: bigint): void {
  const at = (index: number): bigint => v[index] ?? 0n;
  v[a] = at(a) + at(b) + x;
  v[d] = rotate(at(d) ^ at(a), 32n);
  v[c] = at(c) + at(d);
  v[b] = rotate(at(b) ^ at(c), 24n);
  v[a] = at(a) + at(b) + y;
  v[d] = rotate(at(d) ^ at(a), 16n);
  v[c] = at(c) + at(d);
  v[b] = rotate(at(b) ^ at(c), 63n);
}

/**
 * BLAKE2b (RFC 7693) without a key, of a message of one block: slow, and all that minisign's key files need.
 * @param message at most 128 bytes @param size bytes of the digest, 1 to 64
 */
export function blake2bOfBlock(message: Uint8Array, size: number): Buffer {
  if (message.length > 128) throw new RangeError('more than one block');
  const block = Buffer.alloc(128);
  block.set(message);
  const state = start.map((word, index) => (index === 0 ? word ^ 0x01010000n ^ BigInt(size) : word));
  const v = new BigUint64Array([...state, ...start]);
  v[12] = (v[12] ?? 0n) ^ BigInt(message.length);
  v[14] = (v[14] ?? 0n) ^ mask; // this block is the last
  for (let round = 0; round < 12; round += 1) {
    const order = orders[round % 10] ?? [];
    const word = (index: number): bigint => block.readBigUInt64LE((order[index] ?? 0) * 8);
    for (const [index, quarter] of quarters.entries()) mix(v, quarter, word(2 * index), word(2 * index + 1));
  }
  const digest = Buffer.alloc(64);
  for (const [index, word] of state.entries())
    digest.writeBigUInt64LE(word ^ (v[index] ?? 0n) ^ (v[index + 8] ?? 0n), index * 8);
  return digest.subarray(0, size);
}
