/** How many sets stay, the newest of each kind. */
export interface Keep {
  full: number;
  incremental: number;
}

export interface DatedSet {
  set: string;
  /** ISO 8601. */
  createdAt: string;
  /** 0: full. */
  level: number;
  /** The set that it builds on; null for a full one. */
  base: string | null;
}

/**
 * The sets that may go: all but the newest of each kind, and but those that a kept one builds on, directly or not. Pure.
 * @returns UUIDs, the oldest first
 */
export function expired(sets: readonly DatedSet[], keep: Keep): string[] {
  const oldestFirst = sets.toSorted((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt));
  const newest = (full: boolean, count: number): DatedSet[] =>
    count <= 0 ? [] : oldestFirst.filter(({ level }) => (level === 0) === full).slice(-count);
  const bySet = new Map(sets.map((each) => [each.set, each]));
  const kept = new Set<string>();
  for (const each of [...newest(true, keep.full), ...newest(false, keep.incremental)])
    for (let at: DatedSet | undefined = each; at && !kept.has(at.set); at = bySet.get(at.base ?? '')) kept.add(at.set);
  return oldestFirst.map(({ set }) => set).filter((set) => !kept.has(set));
}
