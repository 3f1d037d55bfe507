import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { createIdentityFile } from '../../../restore/archive/age/identity-file.ts';
import { type AgeRecipients, parseRecipients, passphraseRecipients } from '../../../restore/archive/age/recipients.ts';
import { escapePath } from '../../../restore/archive/index/escape-path.ts';
import { accessAtHand, readFrames } from '../../../restore/archive/open-archive.ts';
import { damagedRanges, lostMembers } from '../../../restore/archive/salvage.ts';
import { captureContent } from '../../../restore/layout/content.ts';
import { makeSmallSet, type SmallSet } from '../../fixtures/small-set.ts';
import { LoopDisk, mountAt, unmount } from './machine.ts';
import { at, page, signer, type, typeWell, undo } from './session.ts';

/** A tree of several frames, without links and devices; its set, and what a reader puts in to have it at hand. */
async function makeSet(
  options: {
    recipients?: AgeRecipients;
    keyFile?: Buffer;
    capacity?: number;
    sign?: (manifest: Buffer) => string;
  } = {},
) {
  const source = at('source');
  for (let group = 0; group < 9; group += 1) {
    mkdirSync(join(source, `group ${group}`), { recursive: true });
    writeFileSync(join(source, `group ${group}/big`), randomBytes(2_500_000));
    for (let index = 0; index < 20; index += 1)
      writeFileSync(join(source, `group ${group}/small-${index}`), `${group} ${index}\n`.repeat(200));
  }
  const set = await makeSmallSet({
    work: at('set'),
    trees: [{ source, mountPoint: '/srv', node: 'disk0:1' }],
    ...options,
  });
  const volumes = Array.from({ length: set.volumes }, (_, index) => at(`set/volume-${index + 1}`));
  return { source, set, VOLUMES: volumes.join(' '), SET: at('set/all') };
}

const archive = ({ archives }: SmallSet) => {
  const [only] = archives;
  if (!only?.parts[0]) throw new Error('no archive was written');
  return only;
};

function damage(file: string, from: number, bytes: number): void {
  const content = readFileSync(file);
  randomBytes(bytes).copy(content, from);
  writeFileSync(file, content);
}

/** Type, mode, size, time and name of all files. */
async function listTree(root: string): Promise<string[]> {
  const list = "find . -mindepth 1 -printf '%y %m %s %T@ %P\\n'";
  return (await run(['sh', '-c', list], { cwd: root })).stdout.trimEnd().split('\n').sort();
}

describe('docs/by-hand.md', () => {
  it('[B11] opens a set that is encrypted to a key, with the key', async () => {
    await run(['age-keygen', '-o', at('own.key')]);
    const { stdout } = await run(['age-keygen', '-y', at('own.key')]);
    const { source, VOLUMES, SET } = await makeSet({
      recipients: await parseRecipients(stdout, 'key'),
      capacity: 9 << 20,
    });
    const shown = await typeWell([
      ['check volumes', { VOLUMES }],
      ['join volumes', { SET }],
      ['functions', { KEY: at('own.key') }],
      ['search', { ARCHIVE: '001-srv', WORD: 'group 3/sm' }],
      ['one file', { FILE: './group 3/small-7', FOUND: at('found') }],
    ]);
    expect(shown.search?.trimEnd().split('\n')).toHaveLength(20);
    expect(shown.search).toContain('./group 3/small-7\n');
    expect((await listTree(at('found'))).map((line) => line.split(' ').slice(4).join(' '))).toEqual([
      'group 3',
      'group 3/small-7',
    ]);
    const name = 'group 3/small-7';
    expect(readFileSync(at(`found/${name}`))).toEqual(readFileSync(join(source, name)));
  });

  it('[B11] opens each file with key.age itself, too', async () => {
    const { file, recipients } = await createIdentityFile(passphraseRecipients('secret', 10));
    const { VOLUMES, SET } = await makeSet({ recipients, keyFile: file });
    const steps = [
      ['check volumes', { VOLUMES }],
      ['join volumes', { SET }],
      ['functions', { KEY: join(SET, 'key.age') }],
      ['search', { ARCHIVE: '001-srv', WORD: 'small-7' }],
    ] as const;
    const shown = await typeWell(steps as never, [[/Enter passphrase/, 'secret']]);
    expect(shown.search).toContain('./group 3/small-7\n');
  });

  it.each([
    ['an archive', 'archives/001-srv.tar.zst'],
    ['set.json', 'set.json'],
    ['a layout', 'layout/layout.json'],
  ])('[C15] stops at the check of a volume where %s was changed', async (_, path) => {
    const { set, VOLUMES } = await makeSet();
    damage(join(set.directory(1), path), 60, 1);
    const { exitCode, shown } = await type([['check volumes', { VOLUMES }]]);
    expect(exitCode).toBe(1);
    expect(shown).toContain(`${path}: FAILED`);
  });

  it('[B11] stops at a manifest that another key signed', async () => {
    const { set } = await makeSet({ sign: await signer() });
    await signer(); // another pair in the place of the first
    const { exitCode, shown } = await type([['signature', { SET: set.directory(1), PUBLIC_KEY: at('key.pub') }]]);
    expect(exitCode, shown).toBe(1);
  });

  it('[B3] [C15] stops where a volume is missing', async () => {
    const { set, VOLUMES, SET } = await makeSet({ capacity: 13 << 20 });
    expect(set.volumes).toBe(3);
    const steps = (volumes: string) =>
      [
        ['check volumes', { VOLUMES: volumes }],
        ['join volumes', { SET }],
      ] as [string, Record<string, string>][]; // prettier-ignore
    const [first, , last] = VOLUMES.split(' ');
    const { exitCode, shown } = await type(steps(`${first} ${last}`));
    expect(exitCode).toBe(1);
    expect(shown).toContain('archives/001-srv.tar.zst.part2: FAILED open or read');
    await typeWell(steps(VOLUMES));
  });
});

describe('docs/by-hand.md, with a damaged archive', () => {
  it.each([
    ['changed in two frames', [1, 3], false],
    ['cut off', [4, 5], true],
  ] as const)('[C15] names what is lost and brings the rest: %s', async (_, frames, cut) => {
    const { source, set, SET } = await makeSet();
    const file = join(set.directory(1), archive(set).parts[0]?.path ?? '');
    const access = accessAtHand(await set.open());
    const table = await readFrames(access, archive(set));
    for (const number of frames) {
      const { offset, compressedSize } = table.frame(number);
      if (cut) truncateSync(file, Math.min(offset + (compressedSize >> 1), readFileSync(file).length));
      else damage(file, offset + (compressedSize >> 1), 100);
    }
    mkdirSync(at('target'));
    await run(['cp', '-rs', set.directory(1), SET]);
    const shown = await typeWell([
      ['functions', { SET, KEY: '' }],
      ['damaged frames', { ARCHIVE: '001-srv', WORK: at('w o r k') }],
      ['lost files'],
      ['salvage', { TARGET: at('target') }],
    ]);
    const lost = (shown['lost files'] ?? '').trimEnd().split('\n');
    const known: string[] = [];
    const ranges = await damagedRanges(access, archive(set), table);
    for await (const { path } of lostMembers(access, archive(set), ranges)) known.push(escapePath(path));
    expect(lost).toEqual(known);
    expect(lost.length).toBeLessThan(archive(set).members / 2);
    const names = new Set(lost.map((path) => path.replace(/^\.\//, '').replace(/\/$/, '')));
    const isLost = (line: string): boolean => names.has(line.split(' ').slice(4).join(' '));
    const saved = (await listTree(source)).filter((line) => !isLost(line));
    expect((await listTree(at('target'))).filter((line) => !isLost(line))).toEqual(saved);
    for (const line of saved) {
      const name = line.split(' ').slice(4).join(' ');
      if (line.startsWith('f'))
        expect(readFileSync(at(`target/${name}`)).equals(readFileSync(join(source, name)))).toBe(true);
    }
    for (const name of names)
      if (!name.endsWith('/') && /small|big/.test(name)) expect(existsSync(at(`target/${name}`))).toBe(false);
  });
});

describe('docs/by-hand.md, project ids', () => {
  it('sets them again on a file system that has them', async () => {
    const disks: LoopDisk[] = [];
    for (const name of ['old', 'new']) {
      const disk = await LoopDisk.make(at(`${name}.img`), 320, undo);
      await run(['mkfs.xfs', '-q', disk.device]);
      disks.push(disk);
    }
    const [old, fresh] = disks;
    if (!old || !fresh) throw new Error('no disks');
    await mountAt(old.device, at('source'), undo);
    await run(['sh', '-ec', 'mkdir d; touch f d/g; chattr -p 42 f; chattr -p 7 d; chattr +d f'], { cwd: at('source') });
    const set = await makeSmallSet({
      work: at('set'),
      trees: [{ source: at('source'), mountPoint: '/', node: 'disk0:1' }],
    });
    undo.push(() => unmount(at('target')));
    await typeWell([
      ['functions', { SET: set.directory(1), KEY: '' }],
      ['extract', { ARCHIVE: '001-root', PARTITION: fresh.device, TARGET: at('target') }],
      ['attributes'],
    ]);
    mkdirSync(at('target'), { recursive: true });
    await run(['mount', fresh.device, at('target')]);
    const list = async (cwd: string) => (await run(['lsattr', '-dp', '.', 'f', 'd', 'd/g'], { cwd })).stdout;
    expect(await list(at('target'))).toBe(await list(at('source')));
    expect(await list(at('source'))).toMatch(/^ *42 -*d-* f$/m);
  });
});

describe('docs/by-hand.md, f2fs', () => {
  it('is made again with its id and label', async () => {
    const disk = await LoopDisk.make(at('phone.img'), 200, undo);
    await run(['mkfs.f2fs', '-q', '-l', 'phone', disk.device]);
    const saved = await captureContent(disk.device, { TYPE: 'f2fs' });
    if (saved?.kind !== 'f2fs') throw new Error('no f2fs');
    await run(['wipefs', '-qa', disk.device]);
    await typeWell([['f2fs', { PARTITION: disk.device, UUID: saved.uuid, LABEL: saved.label }]]);
    expect(await captureContent(disk.device, { TYPE: 'f2fs' })).toEqual(saved);
  });
});

describe('the blocks of docs/by-hand.md', () => {
  it('are all typed by these tests, in one or the other', () => {
    const tests = ['by-hand.test.ts', 'by-hand-parts.test.ts'];
    const text = tests.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
    expect(page.blocks.length).toBeGreaterThan(15);
    for (const { name } of page.blocks) expect(text).toContain(`'${name}'`);
  });

  it('are shell that can be pasted, also where a test cannot type them', async () => {
    // A terminal's bash looks up `!word` in its history, even in a quoted line of several, and completes names at a tab.
    for (const script of page.shell) expect(script).not.toMatch(/![^ =(\n]|\t/);
    await run(['bash', '-n'], { input: page.shell.join('\n') });
  });
});
