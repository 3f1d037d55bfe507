import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { describeAll, fileSystem, saveThreeLevels } from '../../../../fixtures/chain-of-sets.ts';
import { clearFlags } from '../../../../fixtures/difficult-tree.ts';

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
    const saved = await saveThreeLevels(work);
    const [first, second, third] = await Promise.all(
      saved.map(async ({ written, state }) => ({ set: await written.open(), state })),
    );
    if (!first || !second || !third) throw new Error('three sets were saved');

    const names = await membersOf(second.set, 0);
    expect(names).toEqual(expect.arrayContaining(['./renamed/deep/deeper/file', './mnt/hidden-too', './in-place']));
    expect(names.filter((name) => /many\/group-2\/file|only-here|mnt\/hidden$/.test(name))).toEqual([]);
    expect(await verifySet(accessAtHand(third.set))).toEqual([]);

    expect(await restore(work, third.set, [second.set, first.set], 'third')).toEqual(third.state);
    expect(await restore(work, second.set, [third.set, first.set], 'second')).toEqual(second.state);
    expect(await restore(work, first.set, [], 'first')).toEqual(first.state);
  }, 300_000);
});
