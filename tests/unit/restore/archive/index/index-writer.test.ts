import { createWriteStream } from 'node:fs';
import { Transform, Writable } from 'node:stream';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { IndexTap } from '../../../../../restore/archive/index/index-tap.ts';
import { IndexWriter } from '../../../../../restore/archive/index/index-writer.ts';
import { Memory } from '../../../../fixtures/framed-archive.ts';
import { syntheticMembers } from '../../../../fixtures/synthetic-index.ts';
import { endOfArchive, headerBlock } from '../../../../fixtures/tar-blocks.ts';

const path = 'archives/001-root.tar.zst.idx';

/** Takes nothing until it is let go. */
class Gate extends Writable {
  waiting: (() => void) | null = null;
  taken = 0;
  #open = false;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.taken += chunk.length;
    if (this.#open) done();
    else this.waiting = done;
  }

  letGo(): void {
    this.#open = true;
    this.waiting?.();
  }
}

describe('writing an index', () => {
  it('waits for the file, and goes on when it does', async () => {
    const gate = new Gate({ highWaterMark: 1 });
    const writer = new IndexWriter({ path, file: gate });
    let added = 0;
    let stopped: Promise<void> | undefined;
    for (const member of syntheticMembers(400_000)) {
      const room = writer.addMember(member);
      added += 1;
      if (!room) continue;
      const soon = new Promise<'full'>((resolve) => setTimeout(() => resolve('full'), 200));
      if ((await Promise.race([room, soon])) === 'full') {
        stopped = room;
        break;
      }
    }
    // What the streams hold on the way (2 MiB packed), not what there is to write.
    expect(added).toBeLessThan(150_000);
    gate.letGo();
    await stopped;
    await writer.abort();
    expect(gate.taken).toBeGreaterThan(0);
  });

  it('fails with what the file says, wherever it is then', async () => {
    const full = new IndexWriter({ path, file: createWriteStream('/dev/full') });
    const adding = (async () => {
      for (const member of syntheticMembers(2_000_000)) await full.addMember(member);
    })();
    await expect(adding).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(full.finish(0)).rejects.toMatchObject({ code: 'ENOSPC' });
    const small = new IndexWriter({ path, file: createWriteStream('/dev/full') });
    await expect(small.finish(0)).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it('given up, closes its file and writes no end', async () => {
    const memory = new Memory();
    const writer = new IndexWriter({ path, file: memory });
    for (const member of syntheticMembers(10)) await writer.addMember(member);
    await writer.abort();
    expect(memory.destroyed).toBe(true);
    await expect(writer.finish(0)).rejects.toThrow();
  });

  it('counts and hashes what passed through an encryption', async () => {
    const memory = new Memory();
    const inverted = new Transform({
      transform: (chunk: Buffer, _encoding, done) => done(null, Buffer.from(chunk.map((byte) => byte ^ 0xff))),
    });
    const writer = new IndexWriter({ path, file: memory, through: [inverted] });
    expect((await writer.finish(0)).size).toBe(memory.bytes().length);
    const text = zstdDecompressSync(Buffer.from(memory.bytes().map((byte) => byte ^ 0xff))).toString();
    expect(text).toMatch(/^rekindle-index 2\n(#.*\n)+E\t0\t0\t0\t0\t0\n$/);
  });

  it('takes kinds from several sides at once', async () => {
    const memory = new Memory();
    const writer = new IndexWriter({ path, file: memory });
    const members = async (): Promise<void> => {
      for (const member of syntheticMembers(20_000)) await writer.addMember(member);
    };
    const attributes = async (): Promise<void> => {
      for (let index = 0; index < 20_000; index += 1)
        await writer.addAttributes({ path: Buffer.from(`./${index}`), flags: 0x10, project: index });
    };
    await Promise.all([members(), attributes()]);
    await writer.finish(0);
    const lines = zstdDecompressSync(memory.bytes()).toString().trimEnd().split('\n');
    const projects = lines.filter((line) => line.startsWith('A\t')).map((line) => Number(line.split('\t')[2]));
    expect(projects).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
    expect(lines.filter((line) => line.startsWith('M\t'))).toHaveLength(20_000);
    expect(lines.at(-1)).toBe('E\t20000\t20000\t0\t0\t0');
  });
});

describe('the tap in the tar stream', () => {
  const through = async (bytes: Buffer): Promise<string[]> => {
    const members: string[] = [];
    const writer = new IndexWriter({ path, file: new Memory() });
    const tap = new IndexTap(writer, ({ file }) => members.push(file));
    try {
      await tap.push(bytes);
      await tap.end();
    } finally {
      await writer.abort();
    }
    return members;
  };

  it('tells of members, and refuses what is no tar archive or not all of one', async () => {
    const file = headerBlock({ name: './f' });
    expect(await through(Buffer.concat([file, endOfArchive]))).toContain('./f');
    await expect(through(file)).rejects.toMatchObject({ code: 'RK343', reason: expect.stringContaining('byte 512') });
    await expect(through(Buffer.alloc(1024, 'no tar'))).rejects.toMatchObject({ code: 'RK343' });
  });
});
