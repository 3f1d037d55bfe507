import { normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
import { layoutSchema } from '../../../../restore/layout/schema.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import type { Action } from '../../../../restore/plan/step.ts';
import { changed, hostile, patternOf, placesOf, rich, valueAt } from '../../../fixtures/hostile-layout.ts';
import { manifestOf, setOf, targetDisk } from './machines.ts';

const strings = placesOf(rich, 'string');

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
