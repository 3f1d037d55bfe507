import { RekindleError } from '../../../common/errors/error.ts';
import { archiveTitle } from '../archive-title.ts';
import type { Archive, Base, Manifest, SetInfo } from '../set-schema.ts';

/** What a set says of itself; a RecoverySet is one. */
export interface SetAtHand {
  info: Pick<SetInfo, 'set' | 'createdAt'>;
  manifest: Manifest | null;
}

export interface ChainLink<S> {
  set: S;
  archive: Archive;
}

const codes = {
  missing: 'RK351',
  machine: 'RK352',
  'file system': 'RK353',
  order: 'RK354',
  level: 'RK355',
} as const;

/** Why the sets at hand do not make the wanted one whole. */
export interface BrokenChain {
  reason: keyof typeof codes;
  /** The set at which it breaks: the missing one, or the one that does not fit. */
  set: string;
  /** With names, times and levels, for people. */
  detail: string;
}

export type Chains<S> =
  | { broken: null; chains: readonly (readonly ChainLink<S>[])[] }
  | { broken: BrokenChain; chains: null };

/** 'set 1111..., made 2026-11-20T02:00:00Z, level 1' */
export function describeSet(set: string, createdAt: string, level: number): string {
  return `set ${set}, made ${createdAt}, level ${level}${level === 0 ? ' (full)' : ''}`;
}

/**
 * For each archive of the wanted set, what is to be extracted in which order: the full archive, then the changes since. Pure.
 * @param others sets at hand, in any order; those that are not needed do not matter
 */
export function resolveChains<S extends SetAtHand>(wanted: S, others: readonly S[]): Chains<S> {
  const chains: ChainLink<S>[][] = [];
  for (const archive of wanted.manifest?.archives ?? []) {
    const chain: ChainLink<S>[] = [{ set: wanted, archive }];
    for (let link = chain[0]; link?.archive.changes; link = chain[0]) {
      const before = linkBefore(link, others);
      if ('reason' in before) return { broken: before, chains: null };
      chain.unshift(before);
    }
    chains.push(chain);
  }
  return { broken: null, chains };
}

/** @throws RekindleError RK351 to RK355 */
export function assertChains<S extends SetAtHand>(
  wanted: S,
  others: readonly S[],
): readonly (readonly ChainLink<S>[])[] {
  const { broken, chains } = resolveChains(wanted, others);
  if (broken) throw new RekindleError(codes[broken.reason], broken.detail);
  return chains;
}

function linkBefore<S extends SetAtHand>(
  { set, archive }: ChainLink<S>,
  others: readonly S[],
): ChainLink<S> | BrokenChain {
  const { info, manifest } = set;
  const level = manifest?.level ?? 0;
  const itself = describeSet(info.set, info.createdAt, level);
  const base = manifest?.base;
  if (!base) return { reason: 'level', set: info.set, detail: `${itself}, names no set that it builds on` };
  const described = describeSet(base.set, base.createdAt, base.level);
  const found = others.find((other) => other.info.set === base.set);
  if (!found?.manifest)
    return { reason: 'missing', set: base.set, detail: `${itself}, needs ${described}, which is not here` };
  const broken = misfit(set, base, found, itself);
  if (broken) return broken;
  const before = found.manifest.archives.find(({ mountPoint }) => mountPoint === archive.mountPoint);
  if (before && before.fileSystem !== undefined && before.fileSystem === archive.fileSystem)
    return { set: found, archive: before };
  const held = before ? `file system ${before.fileSystem ?? 'without a UUID'} there` : 'nothing there';
  return {
    reason: 'file system',
    set: base.set,
    detail: `${archiveTitle(archive)} is file system ${archive.fileSystem} in ${itself}; ${described}, has ${held}`,
  };
}

/** What makes a set that is here no base of the other. */
function misfit<S extends SetAtHand>({ info, manifest }: S, base: Base, found: S, itself: string): BrokenChain | null {
  const level = found.manifest?.level ?? 0;
  const there = describeSet(found.info.set, found.info.createdAt, level);
  const broken = (reason: BrokenChain['reason'], detail: string): BrokenChain => ({
    reason,
    set: base.set,
    detail: `${itself}, and ${there}: ${detail}`,
  });
  if (manifest?.machineId !== found.manifest?.machineId) return broken('machine', 'they are of different machines');
  if (level !== base.level || manifest?.level !== level + 1)
    return broken('level', `the first one builds on level ${base.level}, which must be one below its own`);
  if (found.info.createdAt !== base.createdAt)
    return broken('order', `the first one builds on what was made ${base.createdAt}`);
  if (!(Date.parse(found.info.createdAt) < Date.parse(info.createdAt)))
    return broken('order', 'the second one was made after the first');
  return null;
}
