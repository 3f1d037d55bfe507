import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportOf } from '../../../../../common/errors/error.ts';
import { readFrameTable } from '../../../../../restore/archive/index/frame-table.ts';
import { readIndex } from '../../../../../restore/archive/index/index-reader.ts';
import type { IndexRecord } from '../../../../../restore/archive/index/index-records.ts';
import { memberTypes, type TarMember } from '../../../../../restore/archive/index/tar-member.ts';
import { indexOf, streamOf } from '../../../../fixtures/framed-archive.ts';
import { fillIndex, syntheticMembers, syntheticTarSize } from '../../../../fixtures/synthetic-index.ts';

const recordsOf = (bytes: Buffer, chunk?: number): Promise<IndexRecord[]> =>
  Array.fromAsync(readIndex(streamOf(bytes, chunk)));
const packed = (text: string): Buffer => zstdCompressSync(Buffer.from(text, 'latin1'));
const digest = 'ab'.repeat(32);

/** A small index in full, its lines. */
async function sampleLines(): Promise<string[]> {
  const { bytes } = await indexOf(async (writer) => {
    await writer.addAttributes({ path: Buffer.from('./a'), flags: 0x10, project: 0 });
    return fillIndex(writer, syntheticMembers(200), syntheticTarSize(200));
  });
  return zstdDecompressSync(bytes).toString('latin1').trimEnd().split('\n');
}

const path = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const whole = fc.maxSafeNat();
const mtime = fc.tuple(fc.boolean(), fc.maxSafeNat(), fc.option(fc.nat(999_999_999)));
const anyMember = fc.record({
  path,
  linkPath: path,
  type: fc.constantFrom(...memberTypes),
  size: whole,
  realSize: whole,
  mode: fc.nat(0o7777),
  uid: fc.nat(0xffffffff),
  gid: fc.nat(0xffffffff),
  mtime: mtime.map(
    ([negative, seconds, fraction]) =>
      `${negative ? '-' : ''}${seconds}${fraction === null ? '' : `.${String(fraction).padStart(9, '0')}`}`,
  ),
  length: fc.integer({ min: 1, max: 2 ** 40 }),
  gap: fc.nat(2048),
});
const anyAttributes = fc.record({ path, flags: fc.nat(0xffffffff), project: fc.nat(0xffffffff) });

describe('reading an index', () => {
  it('[C13] gives back whatever was written, in any chunks', async () => {
    const contents = fc.record({
      entries: fc.array(anyMember),
      attributes: fc.array(anyAttributes),
      names: fc.array(fc.record({ file: whole, path })),
      chunk: fc.integer({ min: 1, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(contents, async ({ entries, attributes, names, chunk }) => {
        let end = 0;
        const members = entries.map(({ gap, ...member }): TarMember => {
          const offset = end + gap;
          end = offset + member.length;
          return { ...member, offset, linkPath: member.type === 'h' || member.type === 'l' ? member.linkPath : null };
        });
        const { bytes } = await indexOf(async (writer) => {
          for (const member of members) await writer.addMember(member);
          for (const each of attributes) await writer.addAttributes(each);
          for (const each of names) await writer.addName(each);
          await writer.addFrame({ archiveOffset: 3, archiveSize: 5, tarSize: end, sha256: digest, tarSha256: digest });
          return 8;
        });
        const totals = {
          members: members.length,
          attributes: attributes.length,
          frames: 1,
          tarSize: end,
          archiveSize: 8,
        };
        expect(await recordsOf(bytes, chunk)).toEqual([
          ...members.map(({ realSize, ...member }) => ({ kind: 'member', ...member, size: realSize })),
          ...attributes.map((each) => ({ kind: 'attributes', ...each })),
          ...names.map((each) => ({ kind: 'name', ...each })),
          {
            kind: 'frame',
            number: 0,
            archiveOffset: 3,
            archiveSize: 5,
            tarOffset: 0,
            tarSize: end,
            sha256: digest,
            tarSha256: digest,
          },
          { kind: 'end', ...totals },
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('notices every line that is missing, doubled or in another place', async () => {
    const lines = await sampleLines();
    const notes = lines.filter((line) => line.startsWith('#')).length;
    const places = fc.tuple(
      fc.integer({ min: notes + 1, max: lines.length - 1 }),
      fc.constantFrom('missing', 'doubled', 'moved'),
    );
    await fc.assert(
      fc.asyncProperty(places, async ([at, change]) => {
        const line = lines[at] ?? '';
        const next = lines[at + 1] ?? '';
        fc.pre(change !== 'moved' || (next !== '' && line[0] === next[0]));
        const damaged = lines.toSpliced(
          at,
          change === 'moved' ? 2 : 1,
          ...{ missing: [], doubled: [line, line], moved: [next, line] }[change],
        );
        await expect(recordsOf(packed(`${damaged.join('\n')}\n`))).rejects.toMatchObject({ code: /^RK34[01]$/ });
      }),
      { numRuns: 150 },
    );
    expect(await recordsOf(packed(`${lines.join('\n')}\n`))).not.toEqual([]);
  });

  it('cut anywhere, text or file: incomplete', async () => {
    const text = `${(await sampleLines()).join('\n')}\n`;
    const file = packed(text);
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (part) => {
        const shortText = packed(text.slice(0, Math.floor(text.length * part)));
        const shortFile = file.subarray(0, Math.floor(file.length * part));
        for (const short of [shortText, shortFile])
          await expect(recordsOf(short)).rejects.toMatchObject({ code: 'RK341' });
      }),
      { numRuns: 100 },
    );
  });

  it('a flipped bit in the file: an error, unless it means nothing', async () => {
    const { bytes } = await indexOf((writer) => fillIndex(writer, syntheticMembers(3000), syntheticTarSize(3000)));
    const records = await recordsOf(bytes);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        // zstd's own header has bits without a meaning.
        const outcome = await recordsOf(damaged).catch((error: unknown) => reportOf(error).code);
        if (Array.isArray(outcome)) expect(outcome).toEqual(records);
        else expect(outcome).toMatch(/^RK34[012]$/);
      }),
      { numRuns: 100 },
    );
  });

  const head = 'rekindle-index 2\n# a note\n';
  const odd: Record<string, [code: string, text: string, reason: string]> = {
    'another file': ['RK340', 'PK\x03\x04 something\n', 'line 1: this is not an index'],
    'a version without a number': ['RK340', 'rekindle-index x\n', 'line 1: this is not'],
    'a newer version': ['RK342', 'rekindle-index 3\n', 'format 3'],
    'nothing after the notes': ['RK341', head, 'last line'],
    'an unknown kind': ['RK340', `${head}Q\t1\n`, 'line 3: it is of no known kind'],
    'an empty line': ['RK340', `${head}\n`, 'line 3: it is of no known kind'],
    'a member with a field too few': ['RK340', `${head}M\t0\t512\tf\t644\t0\t0\t0\t1\n`, 'line 3: it is no member'],
    'a member with a target that is no link': [
      'RK340',
      `${head}M\t0\t512\tf\t644\t0\t0\t0\t1\t./a\t./b\n`,
      'line 3: it is no member',
    ],
    'a hard link without a target': ['RK340', `${head}M\t0\t512\th\t644\t0\t0\t0\t1\t./a\n`, 'line 3: it is no member'],
    'a number that Number() would take': [
      'RK340',
      `${head}M\t1e3\t512\tf\t644\t0\t0\t0\t1\t./a\n`,
      'line 3: "1e3" is no number',
    ],
    'a number beyond 2^53': ['RK340', `${head}M\t9007199254740993\t512\tf\t644\t0\t0\t0\t1\t./a\n`, 'no number'],
    'a mode that is not octal': ['RK340', `${head}M\t0\t512\tf\t648\t0\t0\t0\t1\t./a\n`, 'line 3: mode'],
    'a time that is none': ['RK340', `${head}M\t0\t512\tf\t644\t0\t0\t0\tnow\t./a\n`, 'line 3: mode or time'],
    'an escape that is none': ['RK340', `${head}M\t0\t512\tf\t644\t0\t0\t0\t1\t./\\x\n`, 'line 3: a path'],
    'a short digest': ['RK340', `${head}F\t0\t0\t1\t0\t1\t${digest}\t${digest.slice(1)}\n`, 'line 3: a digest'],
    'frames with a gap': ['RK340', `${head}F\t0\t0\t1\t5\t1\t${digest}\t${digest}\n`, 'line 3: the frame'],
    'wrong totals': ['RK340', `${head}E\t0\t0\t1\t0\t0\n`, 'line 3: the totals'],
    'something after the end': ['RK340', `${head}E\t0\t0\t0\t0\t0\nE\t0\t0\t0\t0\t0\n`, 'line 4: it stands after'],
  };

  it.each(Object.entries(odd))('%s: an error that names the line', async (_, [code, text, reason]) => {
    await expect(recordsOf(packed(text))).rejects.toMatchObject({ code, reason: expect.stringContaining(reason) });
  });

  it('what is no zstd, and a line without end', async () => {
    await expect(recordsOf(Buffer.from(head))).rejects.toMatchObject({ code: 'RK340' });
    const endless = packed(`${head}M\t${'x'.repeat(17 << 20)}`);
    await expect(recordsOf(endless)).rejects.toMatchObject({ code: 'RK340', reason: 'line 3: it has no end' });
  });

  it("passes the source's own error on", async () => {
    const failure = Object.assign(new Error('read failed'), { code: 'EIO' });
    async function* broken(): AsyncGenerator<Buffer> {
      yield packed(head).subarray(0, 10);
      throw failure;
    }
    await expect(Array.fromAsync(readIndex(broken()))).rejects.toBe(failure);
  });

  it('closes the source when the reader stops early', async () => {
    const { bytes } = await indexOf((writer) => fillIndex(writer, syntheticMembers(20_000), syntheticTarSize(20_000)));
    let closed = false;
    async function* watched(): AsyncGenerator<Buffer> {
      try {
        yield* streamOf(bytes, 1000);
      } finally {
        closed = true;
      }
    }
    for await (const _ of readIndex(watched())) break;
    await new Promise(setImmediate);
    expect(closed).toBe(true);
  });

  it('a table of frames is refused like the rest when lines are missing', async () => {
    const lines = await sampleLines();
    const member = lines.findIndex((line) => line.startsWith('M'));
    const damaged = packed(`${lines.toSpliced(member, 1).join('\n')}\n`);
    await expect(readFrameTable(streamOf(damaged))).rejects.toMatchObject({ code: 'RK340' });
  });
});
