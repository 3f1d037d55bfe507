import { createZstdCompress } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { roomForFrames } from '../../../../../restore/archive/index/frame-table.ts';
import { readIndexBatches } from '../../../../../restore/archive/index/index-reader.ts';
import {
  endOfArchive,
  extendedHeader,
  headerBlock,
  membersOf,
  padded,
  paxRecord,
} from '../../../../fixtures/tar-blocks.ts';

/** The preamble, then a text so many times: what a few hundred KiB of zstd can be. */
async function bomb(text: string, times: number): Promise<Buffer> {
  const zstd = createZstdCompress();
  const packed = Array.fromAsync(zstd as AsyncIterable<Buffer>);
  zstd.write('rekindle-index 2\n');
  for (let turn = 0; turn < times; turn += 1)
    if (!zstd.write(text)) await new Promise((resolve) => zstd.once('drain', resolve));
  zstd.end();
  return Buffer.concat(await packed);
}

async function readAll(bytes: Buffer): Promise<number> {
  let records = 0;
  for await (const batch of readIndexBatches(
    (async function* () {
      yield bytes;
    })(),
    () => false,
  ))
    records += batch.length;
  return records;
}

describe('an index that unpacks to more than any index', { timeout: 120_000 }, () => {
  it('is read up to so many comments', async () => {
    const bytes = await bomb('#\n'.repeat(1 << 20), 20);
    await expect(readAll(bytes)).rejects.toMatchObject({ code: 'RK340', reason: /line 10002: it is one of more than/ });
  });

  it('is read up to what its size can be', async () => {
    const bytes = await bomb(`A\t10\t0\t./${'x'.repeat(4000)}\n`.repeat(1000), 120);
    await expect(readAll(bytes)).rejects.toMatchObject({
      code: 'RK340',
      reason: /compressed bytes unpack to more than/,
    });
  });

  it('has no room for frames that it cannot hold', () => {
    const index = { path: 'x.idx', size: 6400, sha256: '' };
    expect([0, 1, 100, 2 ** 27, 2 ** 53 - 1].map((frames) => roomForFrames({ frames, index }))).toEqual([
      1, 1, 100, 100, 100,
    ]);
  });
});

describe('records that hold for all members of a tar stream', { timeout: 60_000 }, () => {
  const file = [headerBlock({ name: './x', size: 1 }), padded(Buffer.from('x'))];

  it('are few: each member asks for them', async () => {
    const headers = Array.from({ length: 100_000 }, (_, turn) => extendedHeader('g', paxRecord(`k${turn}`, 'v')));
    await expect(membersOf(Buffer.concat([...headers, ...file, endOfArchive]))).rejects.toThrow(
      /more than 100 records/,
    );
    const large = extendedHeader('g', paxRecord('comment', 'x'.repeat(2 << 20)));
    await expect(membersOf(Buffer.concat([large, ...file, endOfArchive]))).rejects.toThrow(/an extended header \(g\)/);
  });

  it('may be said again and again', async () => {
    const headers = Array.from({ length: 20_000 }, (_, turn) =>
      extendedHeader('g', paxRecord('comment', String(turn))),
    );
    expect(await membersOf(Buffer.concat([...headers, ...file, endOfArchive]))).toHaveLength(1);
  });
});
