import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { escapePath } from '../../../../../restore/archive/index/escape-path.ts';
import { type TarMember, tarMembers } from '../../../../../restore/archive/index/tar-members.ts';
import { tarCreateArgv } from '../../../../../restore/archive/tar-options.ts';
import { clearFlags, makeDifficultTree } from '../../../../fixtures/difficult-tree.ts';
import { endOfArchive, membersOf } from '../../../../fixtures/tar-blocks.ts';

let work = '';
let source = '';
let server: Server;
/** As Rekindle writes it. */
let archive = Buffer.alloc(0);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'members-'));
  source = join(work, 'source');
  mkdirSync(source);
  server = await makeDifficultTree(source, 120);
  const [tar, ...argv] = tarCreateArgv(source, []);
  archive = execFileSync(tar, argv, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
});
afterAll(() => {
  server?.close();
  clearFlags(source);
  rmSync(work, { recursive: true, force: true });
});

const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' };

function listed(bytes: Buffer): string[] {
  const argv = ['-tvR', '--full-time', '--numeric-owner', '--quoting-style=escape'];
  const text = execFileSync('tar', argv, { input: bytes, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  return text.split('\n').filter((line) => line.startsWith('block ') && !line.includes('Block of NULs'));
}

function modeText(mode: number): string {
  const letters = [...'rwxrwxrwx'].map((letter, index) => ((mode & (0o400 >> index)) !== 0 ? letter : '-'));
  const special = (at: number, bit: number, letter: string): void => {
    if ((mode & bit) !== 0) letters[at] = letters[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return letters.join('');
}

/** The line of `tar -tvR` that this member must have; devices' numbers and times before 1970 aside. */
function expectedLine(member: TarMember): string {
  // With content or not, the header block lies right before it.
  const block = (member.offset + member.length) / 512 - Math.ceil(member.size / 512) - 1;
  const type = member.type === 'f' ? '-' : member.type;
  const [seconds, fraction] = member.mtime.split('.');
  const time = new Date(Number(seconds) * 1000).toISOString().replace('T', ' ').slice(0, 19);
  const link = escapePath(member.linkPath ?? Buffer.alloc(0));
  const target = member.type === 'l' ? ` -> ${link}` : member.type === 'h' ? ` link to ${link}` : '';
  const name = `${escapePath(member.path)}${target}`;
  const head = `block ${block}: ${type}${modeText(member.mode)} ${member.uid}/${member.gid}`;
  return `${head} ${member.realSize} ${time}${fraction === undefined ? '' : `.${fraction}`} ${name}`;
}

const comparable = (line: string): string =>
  line.replace(/ +/g, ' ').replace(/ (\d+,)?\d+ (\d{4}-\S+ \S+) (\.\/(device|block|past))$/, ' ? $3');

describe('the members of a tar stream', () => {
  it('[C13] are those that tar lists: names, sizes, owners, times, links, blocks', async () => {
    const members = await membersOf(archive);
    expect(members.map(expectedLine).map(comparable)).toEqual(listed(archive).map(comparable));
    expect(members.find(({ path }) => path.equals(Buffer.from('./past')))?.mtime).toBe('-446751899.876543211');
  });

  it.each(['gnu', 'oldgnu', 'ustar', 'v7'])('are the same in %s format', async (format) => {
    const tooMuch = format === 'gnu' || format === 'oldgnu' ? [] : ['l'.repeat(250), 'past', 'future'];
    if (format === 'v7') tooMuch.push('device', 'block', 'pipe');
    const exclude = [...tooMuch, 'sparse'].map((name) => `--exclude=./${name}`);
    const argv = ['-cf', '-', `--format=${format}`, ...exclude, '-C', source, '.'];
    const bytes = execFileSync('tar', argv, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
    const withoutBlock = (line: string): string => comparable(line).replace(/^block \d+: /, '');
    const members = await membersOf(bytes);
    expect(members.map(expectedLine).map(withoutBlock)).toEqual(listed(bytes).map(withoutBlock));
    expect(members.length).toBeGreaterThan(120);
  });

  it('[C13] come out alone, cut at offset and length', async () => {
    for (const { offset, length, path } of (await membersOf(archive)).filter(
      ({ path }) => !/group-/.test(path.toString()),
    )) {
      const alone = Buffer.concat([archive.subarray(offset, offset + length), endOfArchive]);
      const name = execFileSync('tar', ['-t', '--quoting-style=escape'], { input: alone, env, encoding: 'utf8' });
      expect(name).toBe(`${escapePath(path)}\n`);
    }
  });

  it('lie end to end, from the first byte to the zeros', async () => {
    const members = await membersOf(archive);
    const ends = members.map(({ offset, length }) => offset + length);
    expect(members.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, -1)]);
    expect(archive.subarray(ends.at(-1))).toEqual(Buffer.alloc(archive.length - (ends.at(-1) ?? 0)));
  });

  it('are the same however the stream is cut into chunks', async () => {
    const gnu = execFileSync('tar', ['-cf', '-', '--format=gnu', '--exclude=./sparse', '-C', source, '.'], {
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [posixMembers, gnuMembers] = [await membersOf(archive), await membersOf(gnu)];
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (chunks) => {
        expect(await membersOf(archive, chunks)).toEqual(posixMembers);
        expect(await membersOf(gnu, chunks)).toEqual(gnuMembers);
      }),
      { numRuns: 20 },
    );
  });

  it.each(['gnu', 'posix'])('larger than octal holds (%s)', async (format) => {
    const huge = join(work, 'huge');
    writeFileSync(huge, '', { mode: 0o600 });
    truncateSync(huge, 9 * 2 ** 30);
    execFileSync('chown', ['4000000000:3000000', huge]);
    const shell = `tar -cf - --format=${format} -C ${work} huge 2>/dev/null | head -c 4096`;
    const head = execFileSync('sh', ['-c', shell]);
    const found: TarMember[] = [];
    await expect(
      (async () => {
        for await (const member of tarMembers(
          (async function* () {
            yield head;
          })(),
        ))
          found.push(member);
      })(),
    ).rejects.toMatchObject({ name: 'TarFormatError', offset: 4096 });
    expect(found).toMatchObject([{ size: 9 * 2 ** 30, realSize: 9 * 2 ** 30, uid: 4_000_000_000, gid: 3_000_000 }]);
  });

  it('of sparse files tell stored and real size, their maps of one block and of many', async () => {
    const shell = `for i in $(seq 0 ${'$'}2); do printf x | dd of="${'$'}1" bs=1 seek=$((i * 20000)) conv=notrunc status=none; done`;
    for (const [name, regions] of [
      ['few', 20],
      ['many', 150],
    ] as const)
      execFileSync('sh', ['-c', shell, '-', join(work, name), String(regions)]);
    execFileSync('truncate', ['-s', '1G', join(work, 'empty')]);
    writeFileSync(join(work, 'after'), 'after');
    const argv = ['-cf', '-', '--format=posix', '--sparse', '-C', work, 'few', 'many', 'empty', 'after'];
    const bytes = execFileSync('tar', argv, { maxBuffer: 1 << 26 });
    const expected = [
      ['few', 400_001],
      ['many', 3_000_001],
      ['empty', 2 ** 30],
      ['after', 5],
    ];
    for (const chunks of [[65536], [512], [100, 700]]) {
      const members = await membersOf(bytes, chunks);
      expect(members.map(({ path, realSize }) => [path.toString(), realSize])).toEqual(expected);
      expect(members[1]?.size).toBeLessThan(1_000_000);
      expect(members.map(expectedLine).map(comparable)).toEqual(listed(bytes).map(comparable));
    }
  });
});

describe('a damaged stream', () => {
  it('a changed byte in any header is noticed there', async () => {
    const members = await membersOf(archive);
    const anyHeader = fc.tuple(fc.nat(members.length - 1), fc.nat(511), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(anyHeader, async ([index, at, change]) => {
        const { offset } = members[index] ?? { offset: 0 };
        const damaged = Buffer.from(archive);
        damaged[offset + at] = (damaged[offset + at] ?? 0) ^ change;
        // Digits of the checksum may change into blanks around it.
        fc.pre(at < 148 || at >= 156);
        await expect(membersOf(damaged)).rejects.toMatchObject({ name: 'TarFormatError', offset });
      }),
      { numRuns: 100 },
    );
  });

  it('a stream cut anywhere before the end of its zeros is incomplete', async () => {
    const last = (await membersOf(archive)).at(-1);
    const end = (last?.offset ?? 0) + (last?.length ?? 0) + 1024;
    await fc.assert(
      fc.asyncProperty(fc.nat(end - 1), async (length) => {
        await expect(membersOf(archive.subarray(0, length))).rejects.toMatchObject({
          name: 'TarFormatError',
          offset: length,
        });
      }),
      { numRuns: 200 },
    );
    expect(await membersOf(archive.subarray(0, end))).not.toEqual([]);
  });
});
