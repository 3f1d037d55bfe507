import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessAtHand, readFrames } from '../../../../restore/archive/open-archive.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';

import {
  differing,
  ended,
  engineIn,
  flip,
  listed,
  makeTrees,
  planInto,
  removeTrees,
  temporary,
  trees,
  until,
  whole,
} from '../../../fixtures/two-trees.ts';

beforeAll(makeTrees, 120_000);
afterAll(removeTrees);

describe('a damaged medium', () => {
  it('[C15] gives everything else when the loss was typed: exactly the listed files are missing, and it says so', async () => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root] = whole.archives;
    if (!root) throw new Error('no archive');
    const table = await readFrames(accessAtHand(await whole.open()), root);
    flip(join(directory, root.parts[0]?.path ?? ''), table.place(2).offset + 20);
    const engine = engineIn(work);
    await engine.open(async () => directory);
    await engine.verify();
    await until(() => engine.state.salvage?.status === 'possible');
    const files = engine.state.salvage?.files ?? 0;
    expect(files).toBeGreaterThan(0);
    engine.state.plan = planInto(work, whole.archives);
    expect(() => engine.start('digest-1', 'none')).toThrow(expect.objectContaining({ code: 'RK465' }));
    expect(() => engine.start('digest-1', `none without ${files + 1} files`)).toThrow(
      expect.objectContaining({ code: 'RK455' }),
    );
    engine.start('digest-1', `none without ${files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, lost: { files } });
    const kept = join(work, 'target-root/var/log/rekindle');
    expect(JSON.parse(readFileSync(join(kept, 'restored.json'), 'utf8'))).toMatchObject({ lost: files });
    const lost = listed(join(kept, 'lost-files.txt'), '/');
    expect(lost.length).toBeGreaterThan(0);
    expect(differing(work, 'root').toSorted()).toEqual(lost.toSorted());
    expect(differing(work, 'home')).toEqual([]);
  });

  it('[C15] [C8] that is damaged more when it starts than was agreed to is refused before the first step', async () => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root, home] = whole.archives;
    const file = (archive: Archive | undefined): string => join(directory, archive?.parts[0]?.path ?? '');
    flip(file(root), 5_000_000);
    const engine = engineIn(work);
    await engine.open(async () => directory);
    engine.state.plan = planInto(work, whole.archives);
    engine.start('digest-1', 'none');
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK301' }, lost: null });
    const files = engine.state.salvage?.files ?? 0;
    flip(file(home), 5_000_000);
    engine.start('digest-1', `none without ${files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK466' } });
    expect(() => readdirSync(join(work, 'target-root'))).toThrow();
    expect(engine.state.salvage?.files).toBeGreaterThan(files);
    // Damaged after it was verified: found while it streams, and no silent loss.
    await engine.verify();
    flip(file(root), 9_000_000);
    engine.start('digest-1', `none without ${engine.state.salvage?.files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK308' } });
  });

  it('[C15] that was intact and fails while it streams stops the restore, once', async () => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const engine = engineIn(work);
    await engine.open(async () => directory);
    expect(await engine.verify()).toEqual([]);
    flip(join(directory, whole.archives[0]?.parts[0]?.path ?? ''), 5_000_000);
    engine.state.plan = planInto(work, whole.archives);
    engine.start('digest-1', 'none');
    await until(() => engine.state.phase !== 'restoring');
    expect(engine.state).toMatchObject({ phase: 'failed', failure: { code: 'RK308' }, lost: null });
  });

  it.each([
    ['the index', (archive: Archive) => archive.index.path, 'the list of what is in /'],
    ['rd-base', () => 'rd-base.squashfs', 'the rescue system itself is damaged'],
  ])('[C15] [F2] with damage in %s is refused, with the reason', async (_what, path, words) => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root] = whole.archives;
    if (!root) throw new Error('no archive');
    flip(join(directory, path(root)), 50);
    const engine = engineIn(work);
    await engine.open(async () => directory);
    await engine.verify();
    await until(() => engine.state.salvage?.status === 'impossible');
    expect(engine.state.salvage?.reason).toContain(words);
    engine.state.plan = planInto(work, whole.archives);
    for (const typed of ['none', 'none without 0 files'])
      expect(() => engine.start('digest-1', typed)).toThrow(expect.objectContaining({ code: 'RK301' }));
  });

  it('[C15] with damage only where no restore reads needs a consent, and loses nothing', async () => {
    const work = temporary();
    const directory = join(work, 'set');
    cpSync(whole.directory(1), directory, { recursive: true });
    const [root] = whole.archives;
    const file = join(directory, root?.parts[0]?.path ?? '');
    flip(file, statSync(file).size - 2); // the table of frames
    const engine = engineIn(work);
    await engine.open(async () => directory);
    await engine.verify();
    await until(() => engine.state.salvage?.status === 'possible');
    engine.state.plan = planInto(work, whole.archives);
    engine.start('digest-1', 'none without 0 files');
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', lost: { files: 0 } });
    for (const tree of trees) expect(differing(work, tree)).toEqual([]);
  });
});
