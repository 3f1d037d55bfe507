import { mkdtemp, open, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import type { Layout } from '../../../../restore/layout/schema.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import type { Action, TargetDisk } from '../../../../restore/plan/step.ts';
import { carryOut } from '../layout/carry-out.ts';
import { withImages, withLoop } from '../layout/images.ts';
import { biosGptMachine, biosMachine, manifestOf, savedBytes, setOf, targetDisk, uefiMachine } from './machines.ts';

/** Carries out everything up to the file systems. This host's kernel reads no partition tables: partx stands in. */
async function rebuild(layout: Layout, disk: TargetDisk): Promise<void> {
  const { steps } = planRestore({
    set: setOf(layout),
    manifest: manifestOf(layout),
    layout,
    targets: [{ source: 'disk0', disk }],
  });
  for (const { id, actions } of steps) {
    if (!/^(rehearse|wipe|table|make)/.test(id)) continue;
    for (const action of actions) {
      if (action.type === 'await-node') await assertNode(action);
      else if (action.type === 'run' && action.argv[0] === 'udevadm') await reread(disk.path);
      else if (action.type !== 'assert-disk') await carryOut([action]);
    }
  }
}

/** `partx -u` forgets logical partitions that it did not know. */
async function reread(device: string): Promise<void> {
  await run(['partx', '-d', device], { okExit: [0, 1] });
  await run(['partx', '-a', device]);
}

async function assertNode({ device, sizeBytes }: Extract<Action, { type: 'await-node' }>): Promise<void> {
  const { stdout } = await run(['blockdev', '--getsize64', device]);
  expect({ device, size: Number(stdout) }).toEqual({ device, size: sizeBytes });
}

async function tableOf(device: string): Promise<string> {
  return (await run(['sfdisk', '-d', device])).stdout.replaceAll(device, '/dev/sda').replaceAll('sdap', 'sda');
}

async function signatures(device: string): Promise<string[]> {
  const { stdout } = await run(['wipefs', '--parsable', '--noheadings', device]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(',').at(-1) ?? '');
}

/** A GPT with its backup at the end, ext4, LVM's and md's magic at the places where the new partitions will lie. */
async function makeDirty(image: string, device: string): Promise<void> {
  await run(['sfdisk', '-q', image], { input: 'label: gpt\nsize=100M\nsize=2G\nsize=1G\n' });
  await run(['partx', '-a', device]);
  await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'stale', `${device}p2`]);
  const file = await open(image, 'r+');
  const lvm = Buffer.alloc(512);
  lvm.write('LABELONE', 0, 'latin1');
  lvm.writeBigUInt64LE(1n, 8);
  lvm.writeUInt32LE(32, 20);
  lvm.write('LVM2 001', 24, 'latin1');
  // LVM's CRC starts at a number of its own and is not inverted.
  lvm.writeUInt32LE(~crc32(lvm.subarray(20), ~0xf597a6cf >>> 0) >>> 0, 16);
  for (const start of [2048, 3151872, 7348224]) await file.write(lvm, 0, 512, start * 512 + 512);
  // md 0.90: 64 KiB aligned, 64 KiB before the end of the second partition to be.
  const md = Buffer.alloc(4096);
  md.writeUInt32LE(0xa92b4efc, 0);
  md.writeUInt32LE(0, 4);
  md.writeUInt32LE(90, 8);
  const end = (3151872 + 4194304) * 512;
  await file.write(md, 0, 4096, Math.floor((4194304 * 512) / 65536) * 65536 - 65536 + (end - 4194304 * 512));
  await file.close();
}

describe('a table and file systems on a real block device [C1] [C2]', () => {
  for (const layout of [biosMachine(), uefiMachine(), biosGptMachine()]) {
    it(`replays ${layout.boot.firmware} with ${layout.nodes.length} partitions exactly`, async () => {
      await withImages([savedBytes], async (image = '') => {
        await withLoop(image, async (device) => {
          await rebuild(layout, targetDisk({ path: device, name: device.slice(5) }));
          expect(await tableOf(device)).toBe(layout.disks[0]?.table);
          for (const { origin, content } of layout.nodes) {
            if (content === null || origin.type !== 'partition') continue;
            const { stdout } = await run(['blkid', '-p', '-o', 'value', '-s', 'UUID', `${device}p${origin.number}`]);
            const wanted: Record<string, unknown> = { ...content };
            expect(stdout.trim()).toBe(wanted.uuid ?? wanted.volumeId);
          }
        });
      });
    });
  }

  it('leaves nothing of a dirty disk: stale GPT backup, LVM, md, ext4', async () => {
    const layout = biosMachine();
    await withImages([savedBytes], async (image = '') => {
      await withLoop(image, async (device) => {
        await makeDirty(image, device);
        for (const [start, sectors, type] of [
          [3151872, 4194304, 'linux_raid_member'],
          [7348224, 5232640, 'LVM2_member'],
        ] as const) {
          const range = ['-O', `${start * 512}`, '-S', `${sectors * 512}`];
          const { stdout } = await run(['blkid', '-p', '-o', 'value', '-s', 'TYPE', ...range, image], {
            okExit: [0, 8],
          });
          expect(stdout.trim()).toBe(type);
        }
        const partitions = [1, 2, 3].map((number) => `${device}p${number}`);
        await rebuild(
          layout,
          targetDisk({ path: device, name: device.slice(5), partitions, contents: ['ext4 "stale"'] }),
        );
        expect(await tableOf(device)).toBe(layout.disks[0]?.table);
        expect(await signatures(device)).toEqual(['dos']);
        expect(await signatures(`${device}p1`)).toEqual(['ext4']);
        expect(await signatures(`${device}p5`)).toEqual(['swap']);
        expect(await signatures(`${device}p6`)).toEqual(['ext4']);
        expect(await signatures(`${device}p7`)).toEqual(['ext4']);
      });
    });
  });

  it('puts the table onto a larger disk, its GPT using all of it', async () => {
    const layout = uefiMachine();
    await withImages([savedBytes + 3 * 2 ** 30], async (image = '') => {
      await withLoop(image, async (device) => {
        await rebuild(layout, targetDisk({ path: device, name: device.slice(5), sizeBytes: savedBytes + 3 * 2 ** 30 }));
        const saved = layout.disks[0]?.table ?? '';
        expect(await tableOf(device)).toBe(saved.replace('12582878', `${(savedBytes + 3 * 2 ** 30) / 512 - 34}`));
        const { stdout, stderr } = await run(['sfdisk', '--verify', device]);
        expect(stdout + stderr).toContain('No errors detected');
      });
    });
  });

  it('fits onto the smallest disk that it says fits', async () => {
    const layout = uefiMachine();
    const smallest = (12_580_864 + 33) * 512;
    await withImages([smallest], async (image = '') => {
      await withLoop(image, async (device) => {
        await rebuild(layout, targetDisk({ path: device, name: device.slice(5), sizeBytes: smallest }));
        expect(await tableOf(device)).toContain('last-lba: 12580863');
      });
    });
  });

  it('makes ext4 that this kernel mounts', async () => {
    const layout = biosGptMachine();
    await withImages([savedBytes], async (image = '') => {
      await withLoop(image, async (device) => {
        await rebuild(layout, targetDisk({ path: device, name: device.slice(5) }));
        const at = await mkdtemp(join(tmpdir(), 'rekindle-mount-'));
        try {
          await run(['mount', '-t', 'ext4', '-o', 'noatime', `${device}p2`, at]);
          await run(['umount', at]);
        } finally {
          await rmdir(at);
        }
      });
    });
  });
});
