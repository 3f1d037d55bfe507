import { mkdir, mkdtemp, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { markerBelowAny } from '../../../../restore/execute/marker-below.ts';
import { withImages, withLoop } from '../layout/images.ts';

const set = '11111111-2222-4333-8444-555555555555';
const marker = JSON.stringify({ set, at: '2026-11-24T10:00:00Z' });
const size = 400 * 2 ** 20;

async function onMounted(device: string, write: (root: string) => Promise<unknown>): Promise<void> {
  const at = await mkdtemp(join(tmpdir(), 'rekindle-mount-'));
  try {
    await run(['mount', device, at]);
    try {
      await write(at);
    } finally {
      await run(['umount', at]);
    }
  } finally {
    await rmdir(at);
  }
}

async function look(...devices: string[]): Promise<{ found: string | null; told: string[] }> {
  const told: string[] = [];
  return { found: await markerBelowAny(devices, (line) => told.push(line)), told };
}

/** Mirrors and volumes: tests/vm/matrix/marker.test.ts. */
describe('the marker of an earlier restore [C14]', () => {
  for (const [type, make, folder] of [
    ['ext4', ['mke2fs', '-q', '-F', '-t', 'ext4'], 'var/log/rekindle'],
    ['ext4 for /var/log', ['mke2fs', '-q', '-F', '-t', 'ext4'], 'rekindle'],
    ['xfs', ['mkfs.xfs', '-q'], 'var/log/rekindle'],
    ['btrfs', ['mkfs.btrfs', '-q'], '@rootfs/var/log/rekindle'],
  ] as const)
    it(`is seen on ${type}, and not a bit of it changes`, async () => {
      await withImages([size], async (image = '') => {
        await run([...make, image]);
        await withLoop(image, async (device) => {
          expect(await look(device)).toEqual({ found: null, told: [] });
          await onMounted(device, async (root) => {
            await mkdir(join(root, folder), { recursive: true });
            await writeFile(join(root, folder, 'restored.json'), marker);
          });
          const { stdout: before } = await run(['sha256sum', device]);
          expect(await look('/dev/not-there', device)).toEqual({ found: set, told: [] });
          expect((await run(['sha256sum', device])).stdout).toBe(before);
          expect((await run(['findmnt', '-rno', 'SOURCE'])).stdout).not.toContain(device);
        });
      });
    });

  it('is waited for nowhere: not at a FIFO, not in a huge file, not among too many names', async () => {
    await withImages([size], async (image = '') => {
      await withLoop(image, async (device) => {
        await run(['mkfs.btrfs', '-q', device]);
        await onMounted(device, async (root) => {
          const script = `cd ${root}; mkdir -p var/log/rekindle log/rekindle rekindle; mkfifo var/log/rekindle/restored.json
            truncate -s 8G log/rekindle/restored.json; mknod rekindle/restored.json c 1 5; seq 20000 | xargs touch`;
          await run(['sh', '-ec', script]);
        });
        expect(await look(device)).toEqual({ found: null, told: [] });
      });
    });
  });

  it('is looked for through no link that leads out into this system', async () => {
    await withImages([size], async (image = '') => {
      await withLoop(image, async (device) => {
        const outside = await mkdtemp(join(tmpdir(), 'rekindle-outside-'));
        await mkdir(join(outside, 'rekindle'));
        await writeFile(join(outside, 'rekindle/restored.json'), marker);
        await run(['mke2fs', '-q', '-F', '-t', 'ext4', device]);
        await onMounted(device, async (root) => {
          await mkdir(join(root, 'var'));
          await symlink(outside, join(root, 'var/log'));
        });
        expect(await look(device)).toEqual({ found: null, told: [] });
        await rm(outside, { recursive: true });
      });
    });
  });
});
