import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseIdentities } from '../../../../../restore/archive/age/identities.ts';
import { parseRecipients } from '../../../../../restore/archive/age/recipients.ts';
import { extractArchive } from '../../../../../restore/archive/extract-archive.ts';
import { extractChain } from '../../../../../restore/archive/incremental/extract-chain.ts';
import { replayNames } from '../../../../../restore/archive/incremental/names.ts';
import { accessAtHand, type SetAccess } from '../../../../../restore/archive/open-archive.ts';
import type { Archive } from '../../../../../restore/archive/set-schema.ts';
import { verifySet } from '../../../../../restore/archive/verify-set.ts';
import { makeSmallSet, type SmallSetOptions } from '../../../../fixtures/small-set.ts';
import { temporaryDirectory } from '../../../build/temporary.ts';

type Link = { access: SetAccess; archive: Archive };

/** A full set and the changes since of one small folder. */
async function twoSets(work: string, more: Partial<SmallSetOptions> = {}, keys = ''): Promise<[Link, Link]> {
  const source = join(work, 'source');
  mkdirSync(join(source, 'folder'), { recursive: true });
  writeFileSync(join(source, 'folder/kept'), 'kept');
  writeFileSync(join(source, 'gone'), 'gone');
  const save = async (level: number): Promise<Link> => {
    const snapshot = { base: level === 0 ? null : join(work, '0.snar'), output: join(work, `${level}.snar`) };
    const tree = { source, mountPoint: '/', node: 'n', fileSystem: 'f', snapshot };
    const set = await (await makeSmallSet({ work: join(work, `set-${level}`), trees: [tree], ...more })).open();
    const archive = set.manifest?.archives[0];
    if (!archive) throw new Error('no archive was written');
    return { access: accessAtHand(set, keys === '' ? [] : await parseIdentities(keys, 'keys')), archive };
  };
  const full = await save(0);
  rmSync(join(source, 'gone'));
  writeFileSync(join(source, 'new'), 'new');
  return [full, await save(1)];
}

describe('extracting a chain', () => {
  it('[B10] deletes nothing where something is mounted below the target (RK359)', async () => {
    const work = await temporaryDirectory();
    const links = await twoSets(work);
    const target = join(work, 'with space');
    mkdirSync(join(target, 'other'), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(target, 'other')]);
    onTestFinished(() => void execFileSync('umount', [join(target, 'other')]));
    writeFileSync(join(target, 'other/precious'), 'x');
    await expect(extractChain({ links, target })).rejects.toMatchObject({
      code: 'RK359',
      reason: join(target, 'other'),
    });
    expect(readFileSync(join(target, 'gone'), 'utf8')).toBe('gone');
    // tar itself would not either, and says so.
    const changes = extractArchive({ ...links[1], target, changes: true });
    await expect(changes).rejects.toMatchObject({ code: 'RK311', reason: expect.stringContaining('not purging') });
    expect(readFileSync(join(target, 'other/precious'), 'utf8')).toBe('x');
  });

  it('takes only a full archive first, and changes after it', async () => {
    const work = await temporaryDirectory();
    const [full, changes] = await twoSets(work);
    for (const links of [[], [changes], [full, full], [changes, full]])
      await expect(extractChain({ links, target: work })).rejects.toThrowError('a chain is');
  });

  it('[B10] [B11] works on encrypted sets, whose snapshots are encrypted too', async () => {
    const work = await temporaryDirectory();
    const keys = execFileSync('age-keygen', { encoding: 'utf8' });
    const recipients = await parseRecipients(
      execFileSync('age-keygen', ['-y'], { input: keys, encoding: 'utf8' }),
      'r',
    );
    const links = await twoSets(work, { recipients }, keys);
    expect(await verifySet(links[1].access)).toEqual([]);
    const snapshot = links[1].archive.snapshot?.path ?? '';
    expect(snapshot).toBe('archives/001-root.snar.zst.age');
    expect(links[1].access.set.manifest?.files.map(({ path }) => path)).toContain(snapshot);
    const target = join(work, 'target');
    mkdirSync(target);
    await extractChain({ links, target });
    execFileSync('diff', ['--recursive', join(work, 'source'), target]);
  });
});

describe('the names of one file', () => {
  const records = (...paths: string[]) => paths.map((path) => ({ file: 0, path: Buffer.from(path) }));

  it('[B10] are joined where they are the same, and their folder keeps its time', async () => {
    const root = await temporaryDirectory();
    mkdirSync(join(root, 'folder'));
    for (const name of ['a', 'folder/b', 'folder/differs']) writeFileSync(join(root, name), 'same');
    execFileSync('touch', [
      '-d',
      '2001-02-03 04:05:06.123456789',
      ...['a', 'folder/b'].map((name) => join(root, name)),
    ]);
    linkSync(join(root, 'a'), join(root, 'linked'));
    execFileSync('touch', ['-d', '2002-02-03 04:05:06.123456789', join(root, 'folder')]);
    const time = statSync(join(root, 'folder'), { bigint: true }).mtimeNs;
    expect(await replayNames(records('./a', './missing', './linked', './folder/b', './folder/differs'), root)).toBe(1);
    expect(statSync(join(root, 'a')).ino).toBe(statSync(join(root, 'folder/b')).ino);
    expect(statSync(join(root, 'a')).nlink).toBe(3);
    expect(statSync(join(root, 'folder/differs')).nlink).toBe(1);
    expect(statSync(join(root, 'folder'), { bigint: true }).mtimeNs).toBe(time);
  });

  it('that leave the target are refused (RK310)', async () => {
    const root = await temporaryDirectory();
    for (const path of ['../a', '/etc/passwd'])
      await expect(replayNames(records(path), root)).rejects.toMatchObject({ code: 'RK310' });
  });
});
