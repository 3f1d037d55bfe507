import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertChains, resolveChains, type SetAtHand } from '../../../../../restore/archive/incremental/chain.ts';
import { type DatedSet, expired } from '../../../../../restore/archive/incremental/expired.ts';
import { type Archive, type Manifest, setFormat } from '../../../../../restore/archive/set-schema.ts';

const sha256 = '0'.repeat(64);
const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const day = (number: number): string => new Date(Date.UTC(2026, 10, 1 + number)).toISOString();

function archive(mountPoint: string, more: Partial<Archive>): Archive {
  const file = { path: 'archives/x', size: 1, sha256 };
  const counts = { size: 1, frames: 1, tarSize: 1, members: 1, attributes: 0, notes: 0 };
  return { name: mountPoint, parts: [{ ...file, volume: 1 }], index: file, mountPoint, node: 'n', ...counts, ...more };
}

/** A set of level `level`, made on day `level`, that builds on the one before. */
function setOf(
  level: number,
  change: { manifest?: Partial<Manifest>; createdAt?: string; root?: Partial<Archive> } = {},
) {
  const changes = level > 0 ? { changes: true as const } : {};
  const manifest: Manifest = {
    format: setFormat,
    set: id(level),
    volumes: 1,
    level,
    machineId: 'm',
    ...(level > 0 ? { base: { set: id(level - 1), createdAt: day(level - 1), level: level - 1 } } : {}),
    layout: { path: 'layout/layout.json', size: 1, sha256 },
    archives: [
      archive('/', { fileSystem: 'root', ...changes, ...change.root }),
      archive('/boot/efi', {}),
      archive('/home', { fileSystem: 'home', ...(level > 1 ? changes : {}) }),
    ],
    files: [],
    ...change.manifest,
  };
  return { info: { set: id(level), createdAt: change.createdAt ?? day(level) }, manifest } satisfies SetAtHand;
}

const names = (chains: ReturnType<typeof assertChains<SetAtHand>>): string[][] =>
  chains.map((chain) => chain.map(({ set, archive: { mountPoint } }) => `${set.info.set.slice(-1)} ${mountPoint}`));

describe('the chain of a set', () => {
  it('[B10] is ordered for each file system, from its last full archive on', () => {
    const others = [setOf(3), setOf(1), setOf(0)];
    expect(names(assertChains(setOf(2), others))).toEqual([
      ['0 /', '1 /', '2 /'],
      ['2 /boot/efi'],
      ['1 /home', '2 /home'],
    ]);
    expect(names(assertChains(setOf(0), []))).toEqual([['0 /'], ['0 /boot/efi'], ['0 /home']]);
  });

  const third = setOf(3);
  const sets = (...changed: SetAtHand[]): SetAtHand[] =>
    [0, 1, 2].map((level) => changed.find(({ info }) => info.set === id(level)) ?? setOf(level));
  const broken: Record<string, [code: string, wanted: SetAtHand, others: SetAtHand[], words: RegExp]> = {
    'a set is missing': [
      'RK351',
      third,
      [setOf(0), setOf(2)],
      new RegExp(`needs set ${id(1)}, made ${day(1)}, level 1`),
    ],
    'the full set is missing': [
      'RK351',
      third,
      [setOf(1), setOf(2)],
      new RegExp(`${id(0)}, made ${day(0)}, level 0 .full`),
    ],
    'a rescue medium has its place': ['RK351', third, [{ ...setOf(2), manifest: null }], /level 2, which is not here/],
    'another machine': ['RK352', third, sets(setOf(1, { manifest: { machineId: 'other' } })), /different machines/],
    'another file system': [
      'RK353',
      third,
      sets(setOf(1, { root: { fileSystem: 'new' } })),
      /\/ is file system root in .*level 2.*level 1, has file system new there/,
    ],
    'a file system that was not there': [
      'RK353',
      third,
      sets(setOf(0, { manifest: { archives: [] } })),
      /has nothing there/,
    ],
    'a file system without a UUID': [
      'RK353',
      third,
      [setOf(2, { manifest: { archives: [archive('/', {})] } })],
      /without a UUID there/,
    ],
    'a base that was made after': [
      'RK354',
      setOf(3, { createdAt: day(1) }),
      sets(),
      /the second one was made after the first/,
    ],
    'a base of another time': ['RK354', third, sets(setOf(1, { createdAt: day(0) })), /builds on what was made/],
    'a gap in the levels': ['RK355', third, sets(setOf(1, { manifest: { level: 2 } })), /builds on level 1/],
    'a level that leaves one out': ['RK355', setOf(3, { manifest: { level: 4 } }), sets(), /builds on level 2/],
    'changes without a base': [
      'RK355',
      third,
      sets(setOf(0, { root: { changes: true } })),
      /level 0 .full., names no set/,
    ],
  };
  it.each(Object.entries(broken))('[B10] is refused, with the reason: %s', (_, [code, wanted, others, words]) => {
    const reason = (() => {
      try {
        return JSON.stringify(assertChains(wanted, others));
      } catch (error) {
        return error;
      }
    })();
    expect(reason).toMatchObject({ code, reason: expect.stringMatching(words) });
  });

  it('ends, whatever the sets say', () => {
    const some = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4));
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), (entries) => {
        const all = entries.map(([set, base, level, baseLevel]) => ({
          ...setOf(2, { manifest: { level, base: { set: id(base), createdAt: day(base), level: baseLevel } } }),
          info: { set: id(set), createdAt: day(set) },
        }));
        for (const wanted of all) resolveChains(wanted, all);
      }),
    );
  });
});

describe('retention', () => {
  const dated = (number: number, level: number, base: number | null): DatedSet => ({
    set: id(number),
    createdAt: day(number),
    level,
    base: base === null ? null : id(base),
  });
  const three = [0, 1, 2].flatMap((round) =>
    [0, 1, 2].map((level) => dated(round * 3 + level, level, level === 0 ? null : round * 3 + level - 1)),
  );

  it('[B10] [B13] keeps the newest of each kind', () => {
    expect(expired(three, { full: 2, incremental: 4 })).toEqual([0, 1, 2].map(id));
    expect(expired(three, { full: 1, incremental: 0 })).toEqual([0, 1, 2, 3, 4, 5, 7, 8].map(id));
    expect(expired(three, { full: 9, incremental: 9 })).toEqual([]);
    expect(expired([], { full: 1, incremental: 1 })).toEqual([]);
  });

  it('[B10] never lets go what a kept set builds on', () => {
    expect(expired(three, { full: 1, incremental: 3 })).toEqual([0, 1, 2].map(id));
    const set = fc.record({ base: fc.option(fc.nat(20)), when: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(set, { maxLength: 20 }), fc.nat(5), fc.nat(5), (entries, full, incremental) => {
        const sets = entries.map(({ base, when }, number) => ({
          ...dated(number, base === null ? 0 : 1, base),
          createdAt: day(when),
        }));
        const gone = new Set(expired(sets, { full, incremental }));
        const kept = sets.filter((each) => !gone.has(each.set));
        for (const { base } of kept) expect(gone.has(base ?? '')).toBe(false);
        const fulls = sets.filter(({ level }) => level === 0).length;
        expect(kept.filter(({ level }) => level === 0).length).toBeGreaterThanOrEqual(Math.min(full, fulls));
      }),
    );
  });
});
