import { normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
import { type Layout, layoutSchema } from '../../../../restore/layout/schema.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import type { Action } from '../../../../restore/plan/step.ts';
import { richLayout } from '../../../fixtures/rich-layout.ts';
import { manifestOf, setOf, targetDisk } from '../plan/machines.ts';

type Place = readonly (string | number)[];

/** Every place of a value that `is` this. */
function placesOf(value: unknown, is: 'string' | 'number', at: Place = []): Place[] {
  if (is === 'string' ? typeof value === 'string' : typeof value === 'number') return [at];
  if (Array.isArray(value)) return value.flatMap((each, index) => placesOf(each, is, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => placesOf(each, is, [...at, key]));
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function valueAt(value: unknown, place: Place): unknown {
  return place.reduce(memberOf, value);
}

/** The layout with one value changed. */
function changed(place: Place, to: unknown): unknown {
  const layout = structuredClone(rich);
  const holder = valueAt(layout, place.slice(0, -1));
  if (typeof holder === 'object' && holder !== null) Reflect.set(holder, place.at(-1) ?? '', to);
  return layout;
}

/** 'nodes.*.mount.at' */
function patternOf(place: Place): string {
  return place.map((key) => (typeof key === 'number' ? '*' : key)).join('.');
}

/** 'arrays.0.slots', 'xfs blockBytes': of the content of that kind. */
function placeOf(where: string): Place {
  const [kind = '', member] = where.split(' ');
  if (member !== undefined)
    return ['nodes', rich.nodes.findIndex(({ content }) => content?.kind === kind), 'content', member];
  return where.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

const rich: Layout = richLayout();
const strings = placesOf(rich, 'string');
const numbers = placesOf(rich, 'number');

const hostile = {
  up: '../..',
  root: '/../../etc',
  absolute: '/etc/shadow',
  blank: 'a b',
  comma: 'a,b',
  device: 'x,device=/dev/sdz',
  log: 'x,logdev=/dev/sdz',
  option: '-rf',
  longOption: '--help',
  line: 'a\nb',
  escape: 'a\x1b[2J',
  command: '$(id)',
  backticks: '`id`',
  end: 'a\0b',
  long: 'a'.repeat(10 ** 6),
} as const;
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

/** Values that could pass for honest ones of their field. */
function disguised(old: string): string[] {
  return [
    ...[hostile.up, hostile.root, hostile.absolute, hostile.option, hostile.device, hostile.line],
    `${old}/../../../etc`,
    `${old},device=/dev/sdz`,
    `${old} -o device=/dev/sdz`,
    `${old},logdev=/dev/sdz`,
    `${old}:/dev/sdz`,
    `../${old}`,
    `/../..${old}`,
  ];
}

const roots = /^\/((mnt\/(target|alone)|dev|run\/rekindle|proc|sys)\/|run\/$)/;

/** All texts of an action but what it writes into a file. */
function pathsOf(action: Action): string[] {
  return Object.entries(action).flatMap(([key, each]) => (typeof each === 'string' && key !== 'content' ? [each] : []));
}

/** Words of a plan that lead elsewhere. */
function leading(actions: readonly Action[]): string[] {
  return actions.flatMap((action) => {
    const words = action.type === 'run' ? action.argv : pathsOf(action);
    const options =
      action.type === 'run' && action.argv[0] === 'mount' ? (action.argv[action.argv.indexOf('-o') + 1] ?? '') : '';
    const listed = options.split(',').filter((each) => /^(device|logdev|loop)=/.test(each));
    const elsewhere = words.filter((word, index) => {
      const label = ['-L', '-l', '-n', '--label', '--subsystem', '--loader', '--addtag'].includes(
        words[index - 1] ?? '',
      );
      if (label) return false;
      const target = word.replace(/^(of|if)=/, '');
      return target.startsWith('/') && (!roots.test(`${normalize(target)}/`) || normalize(target) !== target);
    });
    return [...elsewhere, ...listed.filter((each) => each.endsWith('/dev/sdz'))];
  });
}

function planned(value: unknown): Action[] {
  const layout = layoutSchema.parse(value);
  const manifest = manifestOf(layout);
  const archives = manifest.archives.map((archive) => {
    const content = layout.nodes.find(({ id }) => id === archive.node)?.content;
    return content?.kind === 'btrfs' ? { ...archive, subvolume: '@data' } : archive;
  });
  const targets = layout.disks.map(({ id, sizeBytes }, index) => ({
    source: id,
    disk: targetDisk({ path: `/dev/vd${'ab'[index]}`, name: `vd${'ab'[index]}`, sizeBytes }),
  }));
  const here = { firmware: layout.boot.firmware, bootEntries: [], partitionIds: [], memoryBytes: 2 ** 32 };
  const plan = planRestore({ set: setOf(layout), manifest: { ...manifest, archives }, layout, targets, here });
  return plan.steps.flatMap(({ actions }) => actions);
}

describe('[A5] the plan of a layout', () => {
  it('has the words that are looked for', () => {
    const words = planned(rich).flatMap((action) => (action.type === 'run' ? action.argv : []));
    expect(words).toEqual(expect.arrayContaining(['/mnt/target/mnt/my data', '/mnt/target/swap/my file']));
    expect(leading(planned(rich))).toEqual([]);
    expect(leading([{ type: 'run', argv: ['rm', '-f', '/mnt/target/../../etc/x'] }])).toHaveLength(1);
    expect(
      leading([{ type: 'run', argv: ['mount', '-o', 'noatime,device=/dev/sdz', '/dev/vda', '/mnt/target'] }]),
    ).toHaveLength(1);
  });

  it.each([...new Set(strings.map(patternOf))])('leads nowhere else: %s', (pattern) => {
    const places = strings.filter((each) => patternOf(each) === pattern);
    for (const place of places) {
      const old = String(valueAt(rich, place));
      for (const value of disguised(old)) {
        // A name that others refer to changes everywhere.
        let layout = changed(place, value);
        if (/(^|\.)(id|array|group|disk|on)$/.test(pattern)) layout = renamed(rich, old, value);
        try {
          expect(leading(planned(layout))).toEqual([]);
        } catch (error) {
          const isRefusal = error instanceof RekindleError || (error instanceof Error && error.name === 'ZodError');
          if (!isRefusal) throw error;
        }
      }
    }
  });
});

function renamed(value: unknown, old: string, to: string): unknown {
  if (value === old) return to;
  if (Array.isArray(value)) return value.map((each) => renamed(each, old, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each, old, to)]));
}
