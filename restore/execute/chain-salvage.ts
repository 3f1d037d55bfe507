import { assertChains } from '../archive/incremental/chain.ts';
import type { ChainLosses, ReadableArchive } from '../archive/incremental/chain-losses.ts';
import { type Salvage, salvageOf } from '../archive/losses.ts';
import type { LostRanges } from '../archive/salvage.ts';
import type { OpenedChain } from './opened-chain.ts';
import type { OpenedSet } from './opened-set.ts';
import type { Checked } from './verifier.ts';

/** What a restore of all that is sound would leave out; or why there can be none. */
export type ChainSalvage = { possible: true; losses: ChainLosses } | { possible: false; reason: string };

/** All damage that was found, of all sets. */
export function salvageOfChain(opened: OpenedChain, checked: readonly Checked[]): ChainSalvage {
  const losses = new Map<string, LostRanges>();
  for (const { opened: of, damage } of checked) {
    const salvage = inChain(opened, of, salvageOf(of.set, damage, of !== opened.wanted));
    if (!salvage.possible) return salvage;
    for (const [set, ranges] of salvage.losses) losses.set(set, ranges);
  }
  return { possible: true, losses };
}

/** What one set loses, as a loss of the chain. */
export function inChain(opened: OpenedChain, of: OpenedSet, salvage: Salvage): ChainSalvage {
  if (salvage.possible) return { possible: true, losses: new Map([[of.set.info.set, salvage.ranges]]) };
  return { possible: false, reason: opened.sets.length > 1 ? `${of.name}: ${salvage.reason}` : salvage.reason };
}

/** Of each file system what is extracted, in order. @throws RekindleError RK351 to RK355 */
export function archivesOf({ wanted, sets }: OpenedChain): ReadableArchive[][] {
  const atHand = (opened: OpenedSet) => ({ ...opened.set, access: opened.accessAtHand });
  const chains = assertChains(atHand(wanted), sets.filter((opened) => opened !== wanted).map(atHand));
  return chains.map((links) => links.map(({ set: { access }, archive }) => ({ access, archive })));
}
