import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../../common/run.ts';
import { captureContent } from '../../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../../restore/layout/probe.ts';
import { makeSmallSet, type SmallSet } from '../../../../fixtures/small-set.ts';
import { biosMachine } from '../machines.ts';
import { onDevice, released, restore, treeOf, whileMounted } from './on-disk.ts';
import type { Order } from './restore-child.ts';

const mebibyte = 2 ** 20;
const sourceBytes = 400 * mebibyte;
let work = '';
let set: SmallSet;
/** What was saved, as text. */
let saved = '';
let savedUuid = '';

const fill = `mkdir -p anna/deep 'bernd
x'; for i in $(seq 200); do echo "file $i" > "anna/file $i"; done; head -c 3000000 /dev/urandom > anna/deep/large
ln anna/deep/large linked; ln -s ../etc/passwd link; mknod device c 1 3; mkfifo pipe; truncate -s 50M sparse
touch setuid strange acl; chmod 4755 setuid; chmod 2751 anna; chown 12345:54321 strange
setfacl -m u:1234:rw acl; setfattr -n user.note -v hello acl; touch -d 1955-11-05T06:15:00.5Z past
touch immutable append; chattr +i immutable; chattr +a append; touch -d 2001-02-03T04:05:06.7 anna .`;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-one-'));
  const root = join(work, 'root');
  mkdirSync(root);
  writeFileSync(join(root, 'file'), 'of the root');
  await onDevice(sourceBytes, async (device) => {
    await run(['mkfs.ext4', '-q', '-L', 'home', device]);
    const content = await captureContent(device, await probeDevice(device));
    savedUuid = content?.kind === 'ext4' ? content.uuid : '';
    const layout = biosMachine();
    const nodes = layout.nodes.map((node) =>
      node.id === 'disk0:7' ? { ...node, content, sizeBytes: sourceBytes, usedBytes: 4_000_000 } : node,
    );
    await whileMounted(device, async (at) => {
      await run(['sh', '-ec', fill], { cwd: at });
      set = await makeSmallSet({
        work: join(work, 'set'),
        layout: { ...layout, nodes },
        trees: [
          { source: root, mountPoint: '/', node: 'disk0:6' },
          { source: at, mountPoint: '/home', node: 'disk0:7' },
        ],
      });
    });
    saved = (await treeOf(device)).tree;
  });
}, 240_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function restoreHome(order: Omit<Order, 'directory'>) {
  return restore({ directory: set.directory(1), ...order });
}

describe('[C12] one file system into a device', { timeout: 240_000 }, () => {
  it('made anew as it was, at the size of the device, with the same UUID', async () => {
    await onDevice(700 * mebibyte, async (device) => {
      await run(['mkfs.xfs', '-q', device]);
      const answer = await restoreHome({ part: { fileSystem: '/home', device, make: 'same' } });
      expect(answer).toMatchObject({ phase: 'restored', failure: null, confirm: device.slice(5) });
      expect(answer.warnings.join()).not.toContain('fstab');
      expect(await probeDevice(device)).toMatchObject({ TYPE: 'ext4', UUID: savedUuid, LABEL: 'home' });
      expect(await treeOf(device)).toEqual({ tree: saved, flags: 'i a' });
      const { stdout } = await run(['dumpe2fs', '-h', device]);
      const [blocks, size] = ['Block count', 'Block size'].map((word) =>
        Number(new RegExp(`${word}:\\s+(\\d+)`).exec(stdout)?.[1]),
      );
      expect((blocks ?? 0) * (size ?? 0)).toBe(700 * mebibyte);
    });
  });

  for (const [type, check] of [
    ['xfs', ['xfs_repair', '-n']],
    ['btrfs', ['btrfs', 'check', '--readonly']],
    ['ext3', ['fsck.ext3', '-fn']],
  ] as const)
    it(`made anew as ${type}: the files are the same, and the line of fstab is told`, async () => {
      await onDevice(600 * mebibyte, async (device) => {
        await run(['mkfs.ext4', '-q', device]);
        const answer = await restoreHome({ part: { fileSystem: '/home', device, make: type } });
        expect(answer).toMatchObject({ phase: 'restored', failure: null });
        const probe = await probeDevice(device);
        expect(probe).toMatchObject({ TYPE: type, UUID: savedUuid, LABEL: 'home' });
        expect(answer.warnings.join('\n')).toContain(`must become: UUID=${savedUuid} /home ${type} defaults 0 `);
        expect(await treeOf(device)).toEqual({ tree: saved, flags: 'i a' });
        await run([check[0], ...check.slice(1), device]);
      });
    });

  it('takes a new UUID where another device has the saved one', async () => {
    await onDevice(64 * mebibyte, async (old) => {
      await run(['mkfs.ext4', '-q', '-U', savedUuid, old]);
      await onDevice(600 * mebibyte, async (device) => {
        const answer = await restoreHome({ part: { fileSystem: 'disk0:7', device, make: 'same' } });
        expect(answer).toMatchObject({ phase: 'restored', failure: null });
        const { UUID: uuid } = await probeDevice(device);
        expect(uuid).not.toBe(savedUuid);
        expect(answer.warnings.join('\n')).toContain(`must become: UUID=${uuid} /home ext4 defaults 0 2`);
        expect((await treeOf(device)).tree).toBe(saved);
        expect((await probeDevice(old)).UUID).toBe(savedUuid);
      });
    });
  });

  for (const type of ['ext4', 'xfs', 'btrfs'])
    it(`over what is on an ${type}: same names are overwritten, others stay`, async () => {
      await onDevice(500 * mebibyte, async (device) => {
        await run([`mkfs.${type}`, '-q', device]);
        const before = await probeDevice(device);
        await whileMounted(device, (at) =>
          run(
            [
              'sh',
              '-ec',
              'mkdir anna; echo other > "anna/file 1"; ln -s /etc link; echo mine > kept; echo mine > anna/kept',
            ],
            { cwd: at },
          ),
        );
        const answer = await restoreHome({ part: { fileSystem: '/home', device, make: null } });
        expect(answer).toMatchObject({ phase: 'restored', failure: null });
        expect(answer.steps.filter((id) => /^(make|wipe|rehearse)/.test(id))).toEqual([]);
        expect(answer.warnings.join('\n')).toMatch(/others stay/);
        expect((await probeDevice(device)).UUID).toBe(before.UUID);
        const kept = await whileMounted(device, async (at) => {
          const { stdout } = await run(['cat', 'kept', 'anna/kept'], { cwd: at });
          await run(['rm', 'kept', 'anna/kept'], { cwd: at });
          await run(['touch', '-d', '2001-02-03T04:05:06.7', 'anna', '.'], { cwd: at });
          return stdout;
        });
        expect(kept).toBe('mine\nmine\n');
        expect(await treeOf(device)).toEqual({ tree: saved, flags: 'i a' });
      });
    });
});

describe('[C7] [C12] a shell script of it', { timeout: 240_000 }, () => {
  it('does the same with standard tools, and nothing before the name was typed', async () => {
    await onDevice(500 * mebibyte, async (device) => {
      await run(['mkfs.btrfs', '-q', device]);
      const cli = [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, '../../../../../rekindle.ts'),
      ] as const;
      const words = [
        'plan',
        set.directory(1),
        '--file-system',
        '/home',
        '--device',
        device,
        '--make',
        'xfs',
        '--script',
      ];
      const { stdout } = await run([...cli, ...words]);
      const script = join(work, 'script.sh');
      writeFileSync(script, stdout);
      const argv = ['unshare', '--mount', 'sh', script] as const;
      const refused = await run([...argv], { input: 'sda\n', okExit: [1] });
      expect(refused.stderr).toContain('Nothing was written');
      expect((await probeDevice(device)).TYPE).toBe('btrfs');
      const { stdout: said } = await run([...argv], { input: `${device.slice(5)}\n` });
      expect(said).toContain(`This destroys: all that is on ${device.slice(5)}: btrfs`);
      expect(await probeDevice(device)).toMatchObject({ TYPE: 'xfs', UUID: savedUuid });
      expect(await treeOf(device)).toEqual({ tree: saved, flags: 'i a' });
    });
  });
});

describe('[C12] [C4] a device that nobody meant', { timeout: 240_000 }, () => {
  async function untouched(device: string, use: () => Promise<void>): Promise<void> {
    const digest = async (): Promise<string> => (await run(['sha256sum', device])).stdout;
    const before = await digest();
    await use();
    expect(await digest()).toBe(before);
  }

  it('is not written to when it is mounted, also when that happened after the plan', async () => {
    await onDevice(400 * mebibyte, async (device) => {
      await run(['mkfs.ext4', '-q', device]);
      const at = mkdtempSync(join(tmpdir(), 'rekindle-held-'));
      onTestFinished(() => rmSync(at, { recursive: true }));
      const part = { fileSystem: '/home', device, make: 'same' };
      await whileMounted(device, async (mounted) => {
        const refused = await restoreHome({ part });
        expect(refused.failure).toMatchObject({
          code: 'RK404',
          cause: expect.stringContaining(`mounted on ${mounted}`),
        });
      });
      const stopped = await restoreHome({ part, meanwhile: ['mount', '-o', 'ro', device, at] });
      expect(stopped).toMatchObject({ phase: 'failed', failure: { code: 'RK452' } });
    });
  });

  it('is not written to when it holds something else by then, or when another name was typed', async () => {
    await onDevice(400 * mebibyte, async (device) => {
      await run(['mkfs.ext4', '-q', device]);
      const part = { fileSystem: '/home', device, make: null };
      await untouched(device, async () => {
        const { failure } = await restoreHome({ part, confirm: device });
        expect(failure?.code).toBe('RK455');
      });
      const changed = await restoreHome({ part, meanwhile: ['mkfs.ext4', '-q', '-F', device] });
      expect(changed).toMatchObject({ phase: 'failed', failure: { code: 'RK451' } });
      await released(device);
      await whileMounted(device, async (at) => expect((await run(['ls', at])).stdout).toBe('lost+found\n'));
    });
  });

  it('is not written to when it is too small, or holds nothing to extract into', async () => {
    await onDevice(40 * mebibyte, async (device) => {
      const refusals: [string | null, string][] = [
        [null, 'RK486'],
        ['xfs', 'RK485'],
      ];
      await untouched(device, async () => {
        for (const [make, code] of refusals)
          expect((await restoreHome({ part: { fileSystem: '/home', device, make } })).failure?.code).toBe(code);
      });
    });
  });
});
