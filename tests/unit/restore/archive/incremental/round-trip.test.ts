import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../../common/run.ts';
import { assertChains, type SetAtHand } from '../../../../../restore/archive/incremental/chain.ts';
import { extractChain } from '../../../../../restore/archive/incremental/extract-chain.ts';
import { readAttributes } from '../../../../../restore/archive/index/attributes.ts';
import { readIndex } from '../../../../../restore/archive/index/index-reader.ts';
import { replayAttributes } from '../../../../../restore/archive/index/replay-attributes.ts';
import { accessAtHand, indexBytes } from '../../../../../restore/archive/open-archive.ts';
import type { RecoverySet } from '../../../../../restore/archive/open-set.ts';
import { verifySet } from '../../../../../restore/archive/verify-set.ts';
import * as machine from '../../../../fixtures/changing-machine.ts';
import { clearFlags, describeTree, makeDifficultTree } from '../../../../fixtures/difficult-tree.ts';
import { makeSmallSet } from '../../../../fixtures/small-set.ts';

const setId = (level: number): string => `00000000-0000-4000-8000-00000000000${level}`;
const createdAt = (level: number): string => `2026-11-2${level}T02:00:00.000Z`;
const mountPoints = ['/', '/mnt'] as const;

async function mounted(image: string, at: string, options: string[] = ['-o', 'loop']): Promise<string> {
  await run(['mkdir', '-p', at]);
  await run(['mount', ...options, image, at]);
  onTestFinished(async () => {
    await run(['umount', at], { okExit: [0, 32] });
  });
  return at;
}

async function fileSystem(work: string, name: string): Promise<string> {
  const image = join(work, `${name}.img`);
  await run(['truncate', '-s', '64M', image]);
  await run(['mkfs.ext4', '-q', '-F', image]);
  return mounted(image, join(work, name));
}

/** Where each file system of the machine is seen alone, as create sees it: at another place each time. */
async function alone(work: string, level: number): Promise<[string, string]> {
  const outer = await mounted(join(work, 'machine'), join(work, `outer-${level}`), ['--bind']);
  return [outer, await mounted(join(work, 'machine/mnt'), join(work, `inner-${level}`), ['--bind'])];
}

function describeAll(roots: readonly string[]): string[] {
  return roots.flatMap((root) => [describeTree(root), machine.describeContents(root), machine.describeLinks(root)]);
}

async function save(work: string, level: number): Promise<{ set: RecoverySet; state: string[] }> {
  const sources = await alone(work, level);
  const snapshot = (at: number, name: number): string => join(work, 'snapshots', `${at}-${name}.snar`);
  const written = await makeSmallSet({
    work: join(work, `set-${level}`),
    set: setId(level),
    createdAt: createdAt(level),
    lineage: {
      level,
      machineId: 'this-machine',
      ...(level > 0 ? { base: { set: setId(level - 1), createdAt: createdAt(level - 1), level: level - 1 } } : {}),
    },
    trees: sources.map((source, name) => ({
      source,
      mountPoint: mountPoints[name] ?? '',
      node: `disk0:${name + 1}`,
      fileSystem: `uuid-${name}`,
      snapshot: { base: level === 0 ? null : snapshot(level - 1, name), output: snapshot(level, name) },
    })),
  });
  return { set: await written.open(), state: describeAll(sources) };
}

/** Restores that set onto fresh file systems, each mounted alone. */
async function restore(work: string, wanted: RecoverySet, others: RecoverySet[], name: string): Promise<string[]> {
  const chains = assertChains<RecoverySet & SetAtHand>(wanted, others);
  const targets: string[] = [];
  for (const [index, chain] of chains.entries()) {
    const target = await fileSystem(work, `${name}-${index}`);
    targets.push(target);
    const links = chain.map(({ set, archive }) => ({ access: accessAtHand(set), archive }));
    await extractChain({ links, target });
    const last = links.at(-1);
    if (last) await replayAttributes(readAttributes(indexBytes(last.access, last.archive)), target);
  }
  const state = describeAll(targets);
  for (const target of targets) {
    clearFlags(target);
    await run(['umount', target]);
  }
  return state;
}

async function membersOf({ manifest, ...set }: RecoverySet, index: number): Promise<string[]> {
  const archive = manifest?.archives[index];
  const names: string[] = [];
  if (archive)
    for await (const record of readIndex(indexBytes(accessAtHand({ manifest, ...set }), archive)))
      if (record.kind === 'member') names.push(record.path.toString());
  return names;
}

describe('a chain of three sets over two nested file systems', () => {
  it('[B10] comes back as the source was at each level; nothing below a mount point is lost', async () => {
    const work = mkdtempSync(join(tmpdir(), 'rekindle-chain-'));
    onTestFinished(() => rmSync(work, { recursive: true, force: true }));
    const outer = await fileSystem(work, 'machine');
    const server = await makeDifficultTree(outer, 30);
    onTestFinished(() => void server.close());
    machine.prepareOuter(outer);
    await run(['mkdir', join(outer, 'mnt')]);
    writeFileSync(join(outer, 'mnt/hidden'), 'below a mount point');
    const below = await mounted(outer, join(work, 'below'), ['--bind']);
    await fileSystem(work, 'inner');
    const inner = await mounted(join(work, 'inner'), join(outer, 'mnt'), ['--bind']);
    const innerServer = await makeDifficultTree(inner, 20);
    onTestFinished(() => void innerServer.close());
    machine.prepareInner(inner);
    await sleep(1500); // older than the snapshot, by more than its margin

    const first = await save(work, 0);
    machine.changeOuter(below);
    machine.changeInner(inner);
    const second = await save(work, 1);
    machine.changeOuterAgain(below);
    machine.changeInnerAgain(inner);
    const third = await save(work, 2);

    const names = await membersOf(second.set, 0);
    expect(names).toEqual(expect.arrayContaining(['./renamed/deep/deeper/file', './mnt/hidden-too', './in-place']));
    expect(names.filter((name) => /many\/group-2\/file|only-here|mnt\/hidden$/.test(name))).toEqual([]);
    expect(await verifySet(accessAtHand(third.set))).toEqual([]);

    expect(await restore(work, third.set, [second.set, first.set], 'third')).toEqual(third.state);
    expect(await restore(work, second.set, [third.set, first.set], 'second')).toEqual(second.state);
    expect(await restore(work, first.set, [], 'first')).toEqual(first.state);
    for (const root of [below, inner]) clearFlags(root);
  }, 300_000);
});
