import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
import { accessAtHand, readFrames } from '../../../../restore/archive/open-archive.ts';
import { openSet, type RecoverySet } from '../../../../restore/archive/open-set.ts';
import { directoryStore } from '../../../../restore/archive/store/directory.ts';
import { findStore } from '../../../../restore/archive/store/find.ts';
import { changeSet, type Loose } from '../../../fixtures/changed-set.ts';
import { makeSmallSet } from '../../../fixtures/small-set.ts';

let work = '';
let original = '';
let copies = 0;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'odd-set-'));
  const source = join(work, 'tree');
  mkdirSync(source);
  writeFileSync(join(source, 'motd'), 'hello\n');
  const set = await makeSmallSet({
    work: join(work, 'set'),
    trees: [{ source, mountPoint: '/', node: 'disk0:1' }],
    keyFile: Buffer.from('none\n'),
    sign: () => 'none\n',
  });
  original = set.directory(1);
});
afterAll(() => rmSync(work, { recursive: true }));

function copy(): string {
  copies += 1;
  const directory = join(work, `copy-${copies}`);
  cpSync(original, directory, { recursive: true });
  return directory;
}

const oddities: Record<string, (file: string) => void> = {
  'a FIFO': (file) => {
    rmSync(file);
    execFileSync('mkfifo', [file]);
  },
  'a link to what never ends': (file) => {
    rmSync(file);
    symlinkSync('/dev/zero', file);
  },
  'a link to the file itself elsewhere': (file) => {
    renameSync(file, `${file}.moved`);
    symlinkSync(`${file}.moved`, file);
  },
  'a directory': (file) => {
    rmSync(file);
    mkdirSync(file);
  },
  '40 GB of holes': (file) => truncateSync(file, 40e9),
};

describe.each(Object.entries(oddities))('%s', (_, make) => {
  it.each([
    ['set.json', 'RK302'],
    ['set.json.sha256', 'RK302'],
    ['manifest.json', 'RK303'],
    ['manifest.json.sha256', 'RK303'],
    ['layout/layout.json', 'RK303'],
  ])('is no %s: a code, at once', async (name, code) => {
    const directory = copy();
    make(join(directory, name));
    await expect(findStore(directory, null).then((store) => openSet([store]))).rejects.toMatchObject({ code });
  });

  it.each(['archives/001-root.tar.zst', 'archives/001-root.tar.zst.idx', 'rd-base.squashfs', 'key.age'])(
    'is no %s of the manifest',
    async (name) => {
      const directory = copy();
      make(join(directory, name));
      await expect(openSet([directoryStore(directory)])).rejects.toMatchObject({ code: 'RK305' });
    },
  );

  it('is no signature: nothing is signed by it', async () => {
    const directory = copy();
    make(join(directory, 'manifest.json.minisig'));
    const set = await openSet([directoryStore(directory)]).catch((error: unknown) => error);
    const signature = set instanceof RekindleError ? set.code : (set as RecoverySet).sealed?.signature;
    expect([null, 'RK303']).toContain(signature);
  });
});

it('takes neither a FIFO nor a device for an image', async () => {
  const fifo = join(work, 'image.iso');
  execFileSync('mkfifo', [fifo]);
  await expect(findStore(fifo, null)).rejects.toMatchObject({ code: 'RK302' });
  await expect(findStore('/dev/zero', null)).rejects.toMatchObject({ code: 'RK302' });
});

describe('a number that lies', () => {
  const first = (manifest: Loose): Loose => (manifest.archives as Loose[])[0] ?? {};

  it.each([2 ** 53 - 1, 2 ** 40, 2 ** 33, 2 ** 27])('of frames takes no memory: %i', async (frames) => {
    const directory = copy();
    changeSet(directory, {
      manifest: (manifest) => {
        first(manifest).frames = frames;
        return manifest;
      },
    });
    const set = await openSet([directoryStore(directory)]);
    const [archive] = set.manifest?.archives ?? [];
    if (archive === undefined) throw new Error('no archive');
    const before = process.memoryUsage().arrayBuffers;
    const table = await readFrames(accessAtHand(set), archive, true);
    expect(table.length).toBe(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 << 20);
  });

  it.each([2 ** 53 - 1, 65_536])('of volumes is refused: %i', async (volumes) => {
    const directory = copy();
    changeSet(directory, {
      manifest: (manifest) => ({ ...manifest, volumes }),
      set: (set) => ({ ...set, volumes, volume: volumes }),
    });
    await expect(openSet([directoryStore(directory)])).rejects.toMatchObject({ code: 'RK302' });
  });
});
