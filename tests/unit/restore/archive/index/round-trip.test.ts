import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { escapePath } from '../../../../../restore/archive/index/escape-path.ts';
import { findMembers } from '../../../../../restore/archive/index/find-members.ts';
import { readFrameTable } from '../../../../../restore/archive/index/frame-table.ts';
import { readIndex } from '../../../../../restore/archive/index/index-reader.ts';
import { matchPaths } from '../../../../../restore/archive/index/path-matcher.ts';
import type { SetFile } from '../../../../../restore/archive/set-schema.ts';
import { tarCreateArgv } from '../../../../../restore/archive/tar-options.ts';
import { clearFlags, describeTree, makeDifficultTree } from '../../../../fixtures/difficult-tree.ts';
import { framedArchive, streamOf } from '../../../../fixtures/framed-archive.ts';
import { endOfArchive, membersOf } from '../../../../fixtures/tar-blocks.ts';

const frameSize = 64 << 10;
let work = '';
let source = '';
let server: Server;
let tar = Buffer.alloc(0);
let archive: Buffer = Buffer.alloc(0);
let index: Buffer = Buffer.alloc(0);
let file: SetFile;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'index-'));
  source = join(work, 'source');
  mkdirSync(source);
  server = await makeDifficultTree(source, 20);
  execFileSync('sh', ['-c', 'head -c 300000 /dev/urandom > several-frames'], { cwd: source });
  const [command, ...argv] = tarCreateArgv(source, []);
  tar = execFileSync(command, argv, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  ({ archive, index, file } = await framedArchive(tar, frameSize));
  writeFileSync(join(work, 'x.tar.zst'), archive);
  writeFileSync(join(work, 'x.tar.zst.idx'), index);
});
afterAll(() => {
  server?.close();
  for (const name of ['source', 'target']) clearFlags(join(work, name));
  rmSync(work, { recursive: true, force: true });
});

const open = (): AsyncIterable<Buffer> => streamOf(index);

describe('the index of an archive', () => {
  it('[C13] holds every member that tar wrote, every frame, and the totals', async () => {
    const records = await Array.fromAsync(readIndex(open()));
    const members = records.filter(({ kind }) => kind === 'member');
    const expected = (await membersOf(tar)).map(({ realSize, ...member }) => ({
      kind: 'member',
      ...member,
      size: realSize,
    }));
    expect(members).toEqual(expected);
    const frames = Math.ceil(tar.length / frameSize);
    const totals = { members: members.length, attributes: 0, frames, tarSize: tar.length, archiveSize: archive.length };
    expect(records.at(-1)).toEqual({ kind: 'end', ...totals });
  });

  it('is described as a file of the set', () => {
    const sha256 = createHash('sha256').update(index).digest('hex');
    expect(file).toEqual({ path: 'archives/001-root.tar.zst.idx', size: index.length, sha256 });
  });

  it('is text in plain zstd, searched with grep', () => {
    const shell = `zstd -dc ${work}/x.tar.zst.idx | tee ${work}/text | grep -c "^M"; head -1 ${work}/text; grep -F 'line\\nbreak' ${work}/text`;
    const [members, first, found] = execFileSync('sh', ['-c', shell], { encoding: 'utf8' }).split('\n');
    const listed = execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' });
    expect(members).toBe(String(listed.trimEnd().split('\n').length));
    expect(first).toBe('rekindle-index 2');
    expect(found).toMatch(/^M\t\d+\t2048\tf\t644\t0\t0\t1\t\d+\.\d+\t\.\/line\\nbreak$/);
  });

  it('[B7] has digests that are those of the frames', async () => {
    const table = await readFrameTable(open());
    const digest = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
    for (let index = 0; index < table.length; index += 1) {
      const frame = table.frame(index);
      const bytes = archive.subarray(frame.offset, frame.offset + frame.compressedSize);
      const content = zstdDecompressSync(bytes);
      expect(Buffer.from(frame.sha256 ?? [])).toEqual(digest(bytes));
      expect(Buffer.from(frame.contentSha256 ?? [])).toEqual(digest(content));
      expect(content).toEqual(tar.subarray(frame.uncompressedOffset, frame.uncompressedOffset + content.length));
    }
  });

  it('[C13] brings any member out of its own frames alone', async () => {
    const table = await readFrameTable(open());
    for await (const { member } of findMembers(open, matchPaths(['/']))) {
      if (/group-/.test(member.path.toString())) continue;
      const first = table.frame(table.frameAt(member.offset));
      const last = table.frame(table.frameAt(member.offset + member.length - 1));
      const content = zstdDecompressSync(archive.subarray(first.offset, last.offset + last.compressedSize));
      const at = member.offset - first.uncompressedOffset;
      const alone = Buffer.concat([content.subarray(at, at + member.length), endOfArchive]);
      const name = execFileSync('tar', ['-t', '--quoting-style=escape'], { input: alone, encoding: 'utf8' });
      expect(unescaped(name)).toBe(unescaped(`${escapePath(member.path)}\n`));
      expect(last.index - first.index + 1).toBeLessThanOrEqual(Math.ceil(member.length / frameSize) + 1);
    }
  });

  it('[C13] brings everything back, member by member, as tar does', async () => {
    const target = join(work, 'target');
    mkdirSync(target);
    const parts: Buffer[] = [];
    for await (const record of readIndex(open()))
      if (record.kind === 'member') parts.push(tar.subarray(record.offset, record.offset + record.length));
    const argv = ['-xp', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', target];
    execFileSync('tar', argv, { input: Buffer.concat([...parts, endOfArchive]), stdio: ['pipe', 'ignore', 'ignore'] });
    const withoutFlags = (text: string): string => text.replace(/^[-A-Za-z]{20,} .*\n/gm, '');
    expect(withoutFlags(describeTree(target))).toBe(withoutFlags(describeTree(source)));
  });

  it.each(['./several-frames', './many/', './line\\nbreak', './invalid-\\377\\376', './sparse'])(
    'gives %s to a person with a shell, by docs/index-format.md',
    (name) => {
      const target = mkdtempSync(join(work, 'by-hand-'));
      const page = readFileSync(join(import.meta.dirname, '../../../../../docs/index-format.md'), 'utf8');
      const script = /```sh\n.*\n([^`]+)```/.exec(page)?.[1] ?? '';
      const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', archive: join(work, 'x.tar.zst'), name };
      execFileSync('sh', ['-eu', '-c', script], { cwd: target, env, stdio: ['ignore', 'ignore', 'pipe'] });
      const found = (directory: string): string[] => {
        const argv = ['.', '-mindepth', '1', '-printf', '%P %y %m %T@\\n'];
        return execFileSync('find', argv, { cwd: directory, encoding: 'latin1' }).trimEnd().split('\n');
      };
      expect(found(target)).toHaveLength(name.includes('\\n') ? 2 : 1);
      expect(found(source)).toEqual(expect.arrayContaining(found(target)));
      if (name === './several-frames')
        expect(readFileSync(join(target, name))).toEqual(readFileSync(join(source, name)));
    },
  );
});

/** tar in the C locale escapes what is not ASCII; here only the bytes matter. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
