import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { createIdentityFile } from '../../../restore/archive/age/identity-file.ts';
import { type AgeRecipients, passphraseRecipients } from '../../../restore/archive/age/recipients.ts';
import { describeTree } from '../../fixtures/difficult-tree.ts';
import { makeSmallSet, type SmallSet } from '../../fixtures/small-set.ts';
import { contentOf, flagsOf, LoopDisk, makeSourceMachine, type SourceMachine, tableOf, unmount } from './machine.ts';
import type { Step } from './page.ts';
import { at, signer, typeWell, undo } from './session.ts';

const passphrase = 'correct horse, bättery';

interface SetAtHand {
  machine: SourceMachine;
  set: SmallSet;
  /** What the reader puts in for the set. */
  VOLUMES: string;
  SET: string;
}

interface MakeSetOptions {
  table?: 'dos' | 'gpt';
  capacity?: number;
  recipients?: AgeRecipients;
  keyFile?: Buffer;
  sign?: (manifest: Buffer) => string;
}

async function makeSet({ table = 'dos', ...options }: MakeSetOptions = {}): Promise<SetAtHand> {
  const machine = await makeSourceMachine(at(), table, undo);
  const trees = [
    { source: machine.root, mountPoint: '/', node: 'disk0:1' },
    { source: machine.boot, mountPoint: '/boot', node: 'disk0:3' },
  ];
  const set = await makeSmallSet({ work: at('set'), layout: machine.layout, trees, ...options });
  const volumes = Array.from({ length: set.volumes }, (_, index) => at(`set/volume-${index + 1}`));
  return { machine, set, VOLUMES: volumes.join(' '), SET: at('set/all') };
}

/** What the page's table of file systems says of the saved partitions. */
function readFileSystems(table = ''): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  let fields: Record<string, string> = {};
  for (const line of table.split('\n')) {
    const [, name, value = ''] = /^ {2}(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields[name] = value;
    else if (line.startsWith('disk')) {
      fields = {};
      found[line] = fields;
    }
  }
  return found;
}

/** Makes a saved file system again, from what the page's table says. */
function makeFileSystem(PARTITION: string, saved: Record<string, string> = {}): Step {
  const { kind = '', uuid = '', label: LABEL = '' } = saved;
  if (kind === 'swap') return ['swap', { PARTITION, UUID: uuid, LABEL }];
  if (kind === 'vfat') {
    const VOLUME_ID = (saved.volumeId ?? '').replace('-', '');
    return ['vfat', { PARTITION, BITS: saved.fatBits ?? '', VOLUME_ID }];
  }
  const { blockBytes: BLOCK = '', inodeBytes: INODE = '', features: FEATURES = '' } = saved;
  return ['ext', { PARTITION, KIND: kind, UUID: uuid, LABEL, BLOCK, INODE, FEATURES }];
}

async function expectSame(machine: SourceMachine, disk: LoopDisk): Promise<void> {
  for (const { origin, content } of machine.layout.nodes) {
    const partition = origin.type === 'partition' ? origin.number : 0;
    const made: Record<string, unknown> = { ...(await contentOf(disk.partition(partition))) };
    const wanted: Record<string, unknown> = { ...content };
    for (const field of ['kind', 'uuid', 'label', 'volumeId', 'fatBits', 'blockBytes', 'inodeBytes', 'features'])
      expect(made[field], `${field} of partition ${partition}`).toEqual(wanted[field]);
  }
  const restored = at('restored');
  mkdirSync(restored, { recursive: true });
  await run(['mount', '-o', 'ro', disk.partition(3), restored]);
  expect(readFileSync(join(restored, 'vmlinuz'), 'utf8')).toBe('a kernel');
  await run(['umount', restored]);
  await run(['mount', disk.partition(1), restored]);
  try {
    expect(describeTree(restored)).toBe(describeTree(machine.root));
    expect(await flagsOf(restored)).toEqual(await flagsOf(machine.root));
  } finally {
    await run(['umount', restored]);
  }
}

/** The whole page, from the volumes to the last inode flag. */
async function restoreAll(table: Step[0], atHand: SetAtHand, opening: readonly Step[], megabytes: number) {
  const { machine, VOLUMES, SET } = atHand;
  const shown = await typeWell([
    ['check volumes', { VOLUMES }],
    ['join volumes', { SET }],
    ['functions'],
    ['archives'],
    ['disks'],
    ['file systems'],
  ]);
  expect(shown.archives).toBe('001-root / disk0:1\n002-boot /boot disk0:3\n');
  const fileSystems = readFileSystems(shown['file systems']);
  expect(fileSystems['disk0:3']?.at).toBe('/boot');
  const disk = await LoopDisk.make(at('target.img'), megabytes, undo);
  const TARGET = at('target');
  undo.push(() => unmount(TARGET));
  await typeWell(
    [
      ...opening,
      ['functions', { SET }],
      [table, { DISK: disk.device, SAVED: 'disk0' }],
      ...[1, 2, 3, 4].map((number) => makeFileSystem(disk.partition(number), fileSystems[`disk0:${number}`])),
      ['extract', { ARCHIVE: '001-root', PARTITION: disk.partition(1), TARGET }],
      ['attributes'],
      ['extract', { ARCHIVE: '002-boot', PARTITION: disk.partition(3), TARGET }],
      ['attributes'],
    ],
    opening.some(([name]) => name === 'key') ? [[/Enter passphrase/, passphrase]] : [],
  );
  const withoutEnd = (text: string) => text.replace(/^last-lba:.*\n/m, '');
  const made = await tableOf(disk);
  expect(withoutEnd(made)).toBe(withoutEnd(machine.layout.disks[0]?.table ?? ''));
  const end = /^last-lba: (\d+)$/m.exec(made)?.[1];
  // A GPT keeps 33 sectors and a little more at the end of the disk.
  if (end !== undefined) expect(Number(end)).toBeGreaterThan(megabytes * 2048 - 2048 - 34);
  await expectSame(machine, disk);
}

describe('docs/by-hand.md, typed as it is written', () => {
  it('[C15] brings a machine back from one volume, inode flags included', async () => {
    await restoreAll('table', await makeSet(), [], 144);
  });

  it('[B3] [B11] brings a machine back from an encrypted set in three volumes', async () => {
    const { file, recipients } = await createIdentityFile(passphraseRecipients(passphrase, 10));
    const made = await makeSet({
      table: 'gpt',
      capacity: 7 << 20,
      recipients,
      keyFile: file,
      sign: await signer(),
    });
    expect(made.set.volumes).toBe(3);
    expect(made.set.archives[0]?.parts.map(({ path }) => path)).toEqual([
      'archives/001-root.tar.zst.age',
      'archives/001-root.tar.zst.age.part2',
      'archives/001-root.tar.zst.age.part3',
    ]);
    const opening: Step[] = [
      ['signature', { SET: made.SET, PUBLIC_KEY: at('key.pub') }],
      ['key', { KEY: at('unpacked key') }],
    ];
    await restoreAll('table for another size', made, opening, 200);
  });
});
