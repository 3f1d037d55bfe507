import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDestination } from '../../../../build/destination.ts';
import { readFileSystems } from '../../../../build/report/collect/file-systems.ts';
import { assertSpace } from '../../../../build/space.ts';
import { lookAround } from '../../../../restore/execute/media.ts';
import { takeInventory } from '../../../../restore/layout/inventory.ts';
import { listMounts, usedBytes } from '../../../../restore/layout/mounts.ts';
import { mountDead, mountDeadDevice } from '../../../fixtures/dead-mount.ts';

let work = '';
let dead = '';
let release: () => void = () => undefined;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'dead-'));
  dead = join(work, 'at');
});
afterEach(() => {
  release();
  release = () => undefined;
  rmSync(work, { recursive: true, force: true });
});

describe.each(['fuse', 'fuseblk'] as const)('a mount (%s) whose server is gone', (type) => {
  beforeEach(() => {
    release = type === 'fuse' ? mountDead(dead, 'server:/export') : mountDeadDevice(dead, join(work, 'image'));
  });

  it('stops no inventory', async () => {
    expect((await takeInventory()).mounts).toContainEqual(expect.objectContaining({ target: dead, fstype: type }));
  });

  it('stops no report, which has no figures of it', async () => {
    expect(await readFileSystems()).toContainEqual(expect.objectContaining({ mountPoint: dead, usage: null }));
    expect(await usedBytes(dead)).toBeNull();
  });

  it('does not stop the engine that looks for volumes; it names it', async () => {
    const { notes } = await lookAround([join(dead, 'folder')], () => false);
    expect(notes).toContain(`${join(dead, 'folder')} does not answer: what is there was not looked at`);
    expect(notes).toContain(`${join(dead, 'rekindle')} does not answer: what is there was not looked at`);
  });

  it('is refused as a destination (RK237)', async () => {
    await expect(parseDestination(`iso:${dead}/medium.iso`)).rejects.toMatchObject({ code: 'RK237' });
    await expect(assertSpace({ work: dead, image: work, usedBytes: 0 })).rejects.toMatchObject({ code: 'RK237' });
  });
});

describe('a FUSE that its user calls after a disk', () => {
  it('is not taken for a mount of that disk', async () => {
    release = mountDead(dead, '/dev/vda');
    const mount = (await listMounts()).find(({ target }) => target === dead);
    expect(mount).toMatchObject({ fstype: 'fuse', source: 'fuse:/dev/vda' });
  });
});
