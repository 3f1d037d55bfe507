import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import {
  differing,
  ended,
  engineIn,
  inVolumes,
  listed,
  makeTrees,
  mountPoints,
  planInto,
  removeTrees,
  shared,
  temporary,
  trees,
  until,
} from '../../../fixtures/two-trees.ts';

beforeAll(makeTrees, 120_000);
afterAll(removeTrees);

describe('a volume that cannot be had', () => {
  it('[B3] [C15] is given up after its cost was listed: all files of the other volumes come back', async () => {
    const work = temporary();
    expect(inVolumes.volumes).toBeGreaterThan(3);
    const medium = join(work, 'medium/rekindle');
    mkdirSync(medium, { recursive: true });
    // All volumes but the second lie on the medium, one beside the other: as several drives would show them.
    const engine = engineIn(work);
    const roots = Array.from({ length: inVolumes.volumes }, (_, index) => index + 1).filter((number) => number !== 2);
    const mounts = roots.map((number) => {
      const at = join(work, `drive-${number}`);
      mkdirSync(at);
      execFileSync('mount', ['-o', 'bind,ro', join(shared, 'volumes', `volume-${number}`), at]);
      return at;
    });
    onTestFinished(() => {
      for (const at of mounts) execFileSync('umount', ['-l', at]);
    });
    await engine.open(async () => join(mounts[0] ?? '', 'rekindle', basename(inVolumes.directory(1))));
    expect(engine.state).toMatchObject({ problem: null });
    expect(engine.state.unverified).toContain('volume 2');
    engine.state.plan = planInto(work, inVolumes.archives);
    engine.start('digest-1', 'none unverified');
    await until(() => engine.state.wanted !== null);
    expect(engine.state.wanted).toMatchObject({ volume: 2, restoring: true });
    await engine.countLoss();
    expect(engine.state.salvage).toMatchObject({
      status: 'possible',
      because: `volume 2 of ${inVolumes.volumes} is given up`,
    });
    const files = engine.state.salvage?.files ?? 0;
    expect(files).toBeGreaterThan(1);
    expect(() => engine.skipVolume('without 1 file')).toThrow(expect.objectContaining({ code: 'RK455' }));
    engine.skipVolume(`without ${files} files`);
    await ended(engine);
    expect(engine.state).toMatchObject({ phase: 'restored', failure: null, lost: { files } });
    const list = join(work, 'target-root/var/log/rekindle/lost-files.txt');
    for (const tree of trees)
      expect(differing(work, tree).toSorted()).toEqual(listed(list, mountPoints[tree]).toSorted());
  });

  it('[B3] that is given up without consent stops the restore', async () => {
    const work = temporary();
    const engine = engineIn(work);
    const directory = join(work, 'set');
    cpSync(inVolumes.directory(1), directory, { recursive: true });
    const open = engine.open(async () => directory);
    await until(() => engine.state.wanted !== null);
    engine.skipVolume();
    await open;
    expect(engine.state.problem?.code).toBe('RK314');
  });
});
