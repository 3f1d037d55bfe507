import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractArchive, extractStream } from '../../../../restore/archive/extract-archive.ts';
import { type ExtractLink, extractChain } from '../../../../restore/archive/incremental/extract-chain.ts';
import { accessAtHand } from '../../../../restore/archive/open-archive.ts';
import { craft, root } from '../../../fixtures/crafted-set.ts';
import { streamOf } from '../../../fixtures/framed-archive.ts';
import { makeSmallSet } from '../../../fixtures/small-set.ts';
import { endOfArchive } from '../../../fixtures/tar-blocks.ts';
import { temporaryDirectory } from '../../build/temporary.ts';

interface Place {
  work: string;
  source: string;
  target: string;
  victim: string;
}

/** A folder `d` with a file is saved; where it is to go nothing is yet. */
async function place(): Promise<Place> {
  const work = await temporaryDirectory();
  const at = (name: string): string => join(work, name);
  for (const name of ['source/d', 'target', 'victim']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('source/d/passwd'), 'saved');
  writeFileSync(at('victim/passwd'), 'sound');
  return { work, source: at('source'), target: at('target'), victim: at('victim') };
}

function stateOf(directory: string): string {
  return execFileSync('find', ['.', '-printf', '%P %y %m %U:%G %s %T@ %C@\\n'], { cwd: directory, encoding: 'utf8' });
}

async function save({ work, source }: Place, level: 0 | 1 | null): Promise<ExtractLink> {
  const snapshot = { base: level === 1 ? join(work, '0.snar') : null, output: join(work, `${level}.snar`) };
  const tree = { source, mountPoint: '/', node: 'n', fileSystem: 'f', ...(level === null ? {} : { snapshot }) };
  const set = await (await makeSmallSet({ work: join(work, `set-${level}`), trees: [tree] })).open();
  const archive = set.manifest?.archives[0];
  if (!archive) throw new Error('no archive was written');
  return { access: accessAtHand(set), archive };
}

describe('a restore over what is there', () => {
  it('puts a folder in the place of a link to one, and nothing where that leads', async () => {
    const at = await place();
    for (const to of [at.victim, '../victim', 'nowhere', '.']) {
      rmSync(at.target, { recursive: true });
      mkdirSync(at.target);
      symlinkSync(to, join(at.target, 'd'));
      const before = stateOf(at.victim);
      await extractArchive({ ...(await save(at, null)), target: at.target });
      expect(lstatSync(join(at.target, 'd')).isDirectory()).toBe(true);
      expect(readFileSync(join(at.target, 'd/passwd'), 'utf8')).toBe('saved');
      expect(stateOf(at.victim)).toBe(before);
    }
  });

  it.each([false, true])(
    'refuses a file below a link that no folder of the archive replaces (RK374); changes: %s',
    async (changes) => {
      const at = await place();
      symlinkSync(at.victim, join(at.target, 'd'));
      const before = stateOf(at.victim);
      const link = await save(at, null);
      for (const name of ['./d/passwd', './d/new', 'd//passwd']) {
        const stream = streamOf(Buffer.concat([root, craft.file(name, 'owned'), endOfArchive]));
        await expect(extractStream({ ...link, target: at.target, changes }, stream)).rejects.toMatchObject({
          code: 'RK374',
        });
      }
      expect(stateOf(at.victim)).toBe(before);
      expect(readlinkSync(join(at.target, 'd'))).toBe(at.victim);
    },
  );
});

describe('a chain in which a folder becomes a link', () => {
  it('[B10] is restored, also over what an earlier try left, and follows the link never', async () => {
    const at = await place();
    const full = await save(at, 0);
    rmSync(join(at.source, 'd'), { recursive: true });
    symlinkSync(at.victim, join(at.source, 'd'));
    const links = [full, await save(at, 1)];
    const before = stateOf(at.victim);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await extractChain({ links, target: at.target });
      expect(readlinkSync(join(at.target, 'd'))).toBe(at.victim);
      expect(stateOf(at.victim)).toBe(before);
    }
  });

  it('[B10] and a link a folder', async () => {
    const at = await place();
    rmSync(join(at.source, 'd'), { recursive: true });
    symlinkSync(at.victim, join(at.source, 'd'));
    const full = await save(at, 0);
    rmSync(join(at.source, 'd'));
    mkdirSync(join(at.source, 'd'));
    writeFileSync(join(at.source, 'd/passwd'), 'in the folder');
    const links = [full, await save(at, 1)];
    const before = stateOf(at.victim);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await extractChain({ links, target: at.target });
      expect(readFileSync(join(at.target, 'd/passwd'), 'utf8')).toBe('in the folder');
      expect(stateOf(at.victim)).toBe(before);
      rmSync(join(at.target, 'd'), { recursive: true });
    }
  });
});
