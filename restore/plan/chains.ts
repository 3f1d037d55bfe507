import type { ChainLink, SetAtHand } from '../archive/incremental/chain.ts';
import { nameOfSet } from '../archive/name-of-set.ts';
import type { Archive } from '../archive/set-schema.ts';
import type { ArchiveOfSet } from './fill.ts';

/** Of each archive the full one and what changed since, in order. */
export type Chains = readonly (readonly ChainLink<SetAtHand>[])[];

/** What other sets hold of an archive with changes only. */
export function before(chains: Chains, archive: Archive): ArchiveOfSet[] {
  const chain = chains.find((links) => links.at(-1)?.archive.name === archive.name) ?? [];
  return chain.slice(0, -1).map((link) => ({ set: link.set.info.set, archive: link.archive }));
}

/** The sets of all chains, the oldest first. */
export function setsOf(chains: Chains, hostname: string): string[] {
  const sets = new Set(chains.flatMap((links) => links.map(({ set }) => set)));
  return [...sets]
    .toSorted((one, other) => (one.manifest?.level ?? 0) - (other.manifest?.level ?? 0))
    .map(({ info, manifest }) => nameOfSet(hostname, info.createdAt, manifest?.level ?? 0));
}
