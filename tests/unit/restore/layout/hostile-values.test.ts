import { describe, expect, it } from 'vitest';
import { layoutSchema } from '../../../../restore/layout/schema.ts';
import { changed, hostile, type Place, patternOf, placesOf, rich, valueAt } from '../../../fixtures/hostile-layout.ts';

/** 'arrays.0.slots', 'xfs blockBytes': of the content of that kind. */
function placeOf(where: string): Place {
  const [kind = '', member] = where.split(' ');
  if (member !== undefined)
    return ['nodes', rich.nodes.findIndex(({ content }) => content?.kind === kind), 'content', member];
  return where.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

const strings = placesOf(rich, 'string');
const numbers = placesOf(rich, 'number');

type Hostile = keyof typeof hostile;

/**
 * Reviewed: texts for people, and labels, which are a word of their own behind an option that takes any. Never a path, never a
 * part of a list of options.
 */
const text = new Set<Hostile>((Object.keys(hostile) as Hostile[]).filter((each) => each !== 'end' && each !== 'long'));
/** Whole files: vgcfgbackup's text, mdadm's, a LUKS2 header's JSON, sfdisk's table, which its own parser checks. */
const file = new Set<Hostile>([...text, 'long']);
/** A path below the target, or of a file that firmware starts: a word of its own. */
const path = new Set<Hostile>(['blank', 'comma', 'device', 'log', 'option', 'longOption', 'command', 'backticks']);
/** What mdadm or cryptsetup call something: one name, a word of its own or for people. */
const name = new Set<Hostile>(['blank', 'comma', 'option', 'longOption', 'command', 'backticks']);

const allowed: Readonly<Record<string, ReadonlySet<Hostile>>> = {
  'machine.hostname': text,
  'machine.os': text,
  'machine.kernel': text,
  'disks.*.model': text,
  'disks.*.serial': text,
  'disks.*.wwn': text,
  'disks.*.transport': text,
  'disks.*.table': file,
  'nodes.*.content.label': text,
  'nodes.*.content.subsystem': text,
  'nodes.*.content.words': text,
  'nodes.*.content.flags.*': text,
  'nodes.*.content.tokens.*': text,
  'nodes.*.content.metadata': file,
  'nodes.*.notSaved': text,
  'nodes.*.origin.name': name,
  'arrays.*.name': name,
  'arrays.*.detail': file,
  'groups.*.backup': file,
  'groups.*.notes.*': text,
  'swapFiles.*.label': text,
  'boot.efiEntries.*.label': text,
  'boot.efiEntries.*.loader': new Set<Hostile>([...path, 'absolute']),
  'boot.espFiles.*': path,
  // Of one that comes back not even a comma; of a snapshot that does not, it is for people.
  'nodes.*.content.subvolumes.*.path': path,
  'nodes.*.content.defaultSubvolume': new Set<Hostile>(['blank', 'option', 'longOption', 'command', 'backticks']),
  'nodes.*.mounts.*.subvolume': new Set<Hostile>(['blank', 'option', 'longOption', 'command', 'backticks']),
  'nodes.*.content.quota.limits.*.path': path,
  'nodes.*.mount.at': new Set<Hostile>(['absolute']),
  'nodes.*.mounts.*.at': new Set<Hostile>(['absolute']),
  'swapFiles.*.path': new Set<Hostile>(['absolute']),
  'nodes.*.mount.options': new Set<Hostile>(['comma']),
  'nodes.*.mounts.*.options': new Set<Hostile>(['comma']),
  'nodes.*.content.cipher': new Set<Hostile>(['comma']),
  'nodes.*.content.extensions.cold.*': new Set<Hostile>(['command', 'backticks']),
  'nodes.*.content.extensions.hot.*': new Set<Hostile>(['command', 'backticks']),
  // lvm(8) takes slashes in tags; a word of its own.
  'groups.*.tags.*': new Set<Hostile>(['up', 'root', 'absolute']),
  'groups.*.volumes.*.tags.*': new Set<Hostile>(['up', 'root', 'absolute']),
};

describe('[A5] values of a layout', () => {
  it('are those of a real machine', () => {
    expect(layoutSchema.safeParse(rich).error?.issues).toBeUndefined();
    expect(strings.length).toBeGreaterThan(150);
  });

  it.each([...new Set(strings.map(patternOf))])('are refused at the boundary: %s', (pattern) => {
    for (const place of strings.filter((each) => patternOf(each) === pattern)) {
      for (const [kind, value] of Object.entries(hostile) as [Hostile, string][]) {
        const accepted = layoutSchema.safeParse(changed(place, value)).success;
        if (accepted) expect({ pattern, kind, may: allowed[pattern]?.has(kind) ?? false }).toMatchObject({ may: true });
      }
    }
  });

  it.each(Object.keys(allowed))('knows the field of which odd values are allowed: %s', (pattern) => {
    expect(strings.map(patternOf)).toContain(pattern);
  });

  it.each([...new Set(numbers.map(patternOf))])('are whole numbers from 0 on: %s', (pattern) => {
    for (const place of numbers.filter((each) => patternOf(each) === pattern)) {
      for (const value of [-2, 0.5, 2 ** 53, Number.POSITIVE_INFINITY, Number.NaN, '1', '$(id)', null]) {
        // null: some may be absent.
        if (value === null && layoutSchema.safeParse(changed(place, value)).success) continue;
        expect({ value, accepted: layoutSchema.safeParse(changed(place, value)).success }).toEqual({
          value,
          accepted: false,
        });
      }
    }
  });

  it.each([
    ['arrays.0.slots', 5000],
    ['btrfs deviceCount', 5000],
    ['swapFiles.0.mode', 0o1777],
    ['swapFiles.0.mode', 0o4755],
    ['xfs blockBytes', 2 ** 31],
    ['f2fs segmentsPerSection', 2 ** 21],
    ['groups.0.volumes.0.stripes', 5000],
  ])('take no more memory or rights than there can be: %s = %i', (where, value) => {
    const place = placeOf(where);
    expect(valueAt(rich, place)).toBeTypeOf('number');
    expect(layoutSchema.safeParse(changed(place, value)).success).toBe(false);
  });

  it.each([
    ['xfs', 1],
    ['btrfs', true],
  ])('are names of features of %s', (kind, on) => {
    const place = placeOf(`${kind} features`);
    for (const each of ['x,logdev=/dev/sdz', '-f', 'a b', '', '../x'])
      expect(layoutSchema.safeParse(changed(place, { [each]: on })).success).toBe(false);
    expect(layoutSchema.safeParse(changed(place, { 'no-holes': on, ftype: on })).success).toBe(true);
  });
});
