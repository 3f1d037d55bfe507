import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../../../common/run.ts';
import { parseRecipients } from '../../../../../restore/archive/age/recipients.ts';
import { renderScript } from '../../../../../restore/plan/script/render-script.ts';
import type { Action, Plan } from '../../../../../restore/plan/step.ts';
import { clearFlags, describeTree, makeDifficultTree } from '../../../../fixtures/difficult-tree.ts';
import { makeSmallSet } from '../../../../fixtures/small-set.ts';
import { setId, targetDisk } from '../machines.ts';
import { complaints } from './shellcheck.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-script-'));
});
afterEach(() => {
  if (existsSync(join(work, 'source'))) clearFlags(join(work, 'source'));
  rmSync(work, { recursive: true, force: true });
});

/** A loop disk, an image that is no partitioned disk: all that this needs is a block device. */
async function withLoop(use: (loop: string) => Promise<void>): Promise<void> {
  const image = join(work, 'image');
  writeFileSync(image, '');
  truncateSync(image, 96 << 20);
  const loop = (await run(['losetup', '--show', '-f', image])).stdout.trim();
  try {
    await use(loop);
  } finally {
    await run(['losetup', '-d', loop]);
  }
}

/** A plan with one action of each type; what is not needed to fill a file system writes into `work`. */
function wholePlan(loop: string, archive: string): Plan {
  const at = join(work, 'mnt');
  const uuid = 'aaaaaaaa-0000-4000-8000-000000000001';
  const sizeBytes = 96 << 20;
  const actions: Action[] = [
    { type: 'assert-disk', device: loop, sizeBytes, serial: null, wwn: null },
    { type: 'release-disk', device: loop },
    { type: 'await-node', device: loop, sizeBytes },
    { type: 'run', argv: ['mke2fs', '-q', '-t', 'ext4', '-I', '256', '-U', uuid, loop] },
    { type: 'mkdir', path: at, mode: 0o750 },
    { type: 'run', argv: ['mount', '-t', 'ext4', loop, at] },
    { type: 'run', argv: ['sh', '-c', 'exit 32'], okExit: [0, 32] },
    { type: 'run', argv: ['tee', join(work, 'input')], input: "it's $HOME\nINPUT\n\\n `x`\n" },
    { type: 'assert-mounted', device: loop, at, uuid: uuid.toUpperCase() },
    { type: 'extract', archive, at, device: loop },
    { type: 'inode-flags', archive, at },
    { type: 'write-file', path: join(work, "a file's"), content: 'no $end', mode: 0o640 },
    { type: 'prove', root: at, disks: [loop] },
    { type: 'copy-log', root: join(work, 'copied') },
  ];
  const step = {
    id: 'all',
    title: "all of it's actions",
    target: 'loop',
    destroys: 'the loop',
    actions,
    weightBytes: 0,
  };
  return {
    set: setId,
    digest: '',
    targets: [{ source: 'disk0', disk: targetDisk({ path: loop, name: 'loop' }) }],
    steps: [step],
    warnings: ['two\nlines'],
  };
}

interface RestoreOptions {
  /** Bytes a volume. */
  capacity?: number;
  /** What a person types. */
  typed?: string;
  /** Encrypt to a key. */
  encrypted?: boolean;
  spoil?: (directory: string) => void;
}

/** Restores the difficult tree with nothing but the script, in a mount namespace of its own. */
async function restore(loop: string, { capacity, typed = 'loop\n', encrypted = false, spoil }: RestoreOptions = {}) {
  const source = join(work, 'source');
  mkdirSync(source);
  (await makeDifficultTree(source, 50)).close();
  const key = join(work, 'key.txt');
  if (encrypted) await run(['age-keygen', '-o', key]);
  const recipient = encrypted ? (await run(['age-keygen', '-y', key])).stdout : null;
  const set = await makeSmallSet({
    work: join(work, 'set'),
    trees: [{ source, mountPoint: '/', node: 'disk0:1' }],
    ...(capacity === undefined ? {} : { capacity }),
    ...(recipient === null ? {} : { recipients: await parseRecipients(recipient, 'the test') }),
  });
  const { manifest } = await set.open();
  if (manifest === null) throw new Error('no manifest');
  const joined = join(work, 'joined');
  for (let number = 1; number <= set.volumes; number += 1) await run(['cp', '-rT', set.directory(number), joined]);
  spoil?.(joined);
  const file = join(work, 'restore.sh');
  const plan = wholePlan(loop, set.archives[0]?.name ?? '');
  writeFileSync(file, renderScript({ plan, sets: [{ set: plan.set, manifest, directory: joined }] }));
  expect(complaints(file)).toBe('');
  const done = spawnSync('unshare', ['-m', 'dash', file], {
    encoding: 'utf8',
    input: typed,
    env: { PATH: process.env.PATH, ...(encrypted ? { KEY: key } : {}) },
  });
  return { set, code: done.status, text: done.stdout + done.stderr };
}

async function mountedTree(loop: string): Promise<string> {
  const at = join(work, 'look');
  mkdirSync(at);
  await run(['mount', loop, at]);
  try {
    // mke2fs made it.
    rmdirSync(join(at, 'lost+found'));
    return describeTree(at);
  } finally {
    await run(['umount', at]);
  }
}

describe('[C7] a restore by the script alone', () => {
  it('gives the very tree, one action of each type', async () => {
    await withLoop(async (loop) => {
      const { code, text } = await restore(loop);
      expect(code === 0 ? '' : text).toBe('');
      expect(await mountedTree(loop)).toEqual(describeTree(join(work, 'source')));
      expect(readFileSync(join(work, 'input'), 'utf8')).toBe("it's $HOME\nINPUT\n\\n `x`\n");
      expect(readFileSync(join(work, "a file's"), 'utf8')).toBe('no $end');
      expect(statSync(join(work, "a file's")).mode & 0o777).toBe(0o640);
      expect(JSON.parse(readFileSync(join(work, 'copied/var/log/rekindle/restored.json'), 'utf8'))).toMatchObject({
        set: setId,
      });
    });
  });

  it('joins the parts of several volumes', async () => {
    await withLoop(async (loop) => {
      const { set, code, text } = await restore(loop, { capacity: 60_000 });
      expect(set.volumes).toBeGreaterThan(1);
      expect(code === 0 ? '' : text).toBe('');
      expect(await mountedTree(loop)).toEqual(describeTree(join(work, 'source')));
    });
  });

  it('opens an encrypted set', async () => {
    await withLoop(async (loop) => {
      const { code, text } = await restore(loop, { encrypted: true });
      expect(code === 0 ? '' : text).toBe('');
      expect(await mountedTree(loop)).toEqual(describeTree(join(work, 'source')));
    });
  });

  it('writes nothing when another name is typed, or none', async () => {
    await withLoop(async (loop) => {
      const { code, text } = await restore(loop, { typed: '\n' });
      expect(code).toBe(1);
      expect(text).toContain('Nothing was written.');
      expect((await run(['blkid', '-p', loop], { okExit: [2] })).stdout).toBe('');
    });
  });

  it('writes nothing when the set is damaged', async () => {
    await withLoop(async (loop) => {
      const spoil = (directory: string): void =>
        writeFileSync(join(directory, 'rd-base.squashfs'), Buffer.alloc(20_000, 8));
      const { code, text } = await restore(loop, { spoil });
      expect(code).not.toBe(0);
      expect(text).toContain('rd-base.squashfs: FAILED');
      expect((await run(['blkid', '-p', loop], { okExit: [2] })).stdout).toBe('');
    });
  });
});
