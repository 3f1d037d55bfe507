import { RekindleError } from '../../common/errors/error.ts';
import type { Plan, Step } from '../plan/step.ts';
import type { JournalEntry } from './journal.ts';
import type { SkippableStep, SkippedStep } from './protocol.ts';
import { sinceBegun } from './resume.ts';

/** What a step can be left out for. The words are typed; the consequence is shown before, and at the end again. */
interface Cost {
  words: string;
  consequence: string;
}

const mayNotStart =
  'The restored machine may not start by itself: start it from another medium and install its boot loader there.';

/** Steps that a restore can do without, by their ids, and what that costs. What is not here cannot be left out. */
const costs: readonly { step: RegExp; cost: (step: Step) => Cost | null }[] = [
  {
    step: /^boot:entry$/,
    cost: () => ({
      words: 'without boot entry',
      consequence: 'The firmware gets no boot entry: it starts the machine only if it finds the boot loader by itself.',
    }),
  },
  {
    step: /^boot:fallback$/,
    cost: () => ({
      words: 'without fallback',
      consequence:
        'The boot loader is not where a firmware looks that lost its boot entries: there the machine does not start.',
    }),
  },
  { step: /^boot:/, cost: () => ({ words: 'without boot loader', consequence: mayNotStart }) },
  {
    step: /^lvm:devices-file$/,
    cost: () => ({
      words: 'without putting it aside',
      consequence:
        'The restored machine may see none of its volume groups: move its /etc/lvm/devices/system.devices away before it starts.',
    }),
  },
  {
    step: /^prove$/,
    cost: () => ({ words: 'without proof', consequence: 'Nobody looked whether the restored machine can start.' }),
  },
  {
    step: /^log$/,
    cost: () => ({
      words: 'without log',
      consequence:
        'The restored machine keeps no log of this restore, and no mark that stops an unattended one from wiping it again.',
    }),
  },
  {
    step: /^swap-file:/,
    cost: () => ({
      words: 'without swap file',
      consequence: 'A swap file that fstab names is not there: make it again on the restored machine (mkswap).',
    }),
  },
  {
    step: /^flags:/,
    cost: () => ({
      words: 'without flags',
      consequence: 'Files lose their inode flags (immutable, append-only, no copy-on-write) and project ids.',
    }),
  },
  {
    step: /^raw:/,
    cost: ({ target }) => ({ words: `without ${target}`, consequence: `What was on ${target} does not come back.` }),
  },
  { step: /^extract:/, cost: costOfFiles },
];

const needed = /^\/(boot|efi|usr|var|etc)(\/|$)/;

/** Null for the root file system: without it nothing else makes sense. */
function costOfFiles({ title, target }: Step): Cost | null {
  const mountPoint = /^extract (.+): \d/.exec(title)?.[1];
  if (mountPoint === undefined || mountPoint === '/') return null;
  const name = /^btrfs subvolume (.+) of \S+$/.exec(mountPoint)?.[1] ?? mountPoint;
  const stops = needed.test(mountPoint) ? ' The restored machine will probably not start without them.' : '';
  return {
    // What no keyboard here may have is not asked for.
    words: `without ${/^[!-~]+( [!-~]+)*$/.test(name) ? name : target}`,
    consequence: `Files of ${mountPoint} are missing: it keeps what came back so far, some of it perhaps with wrong modes and times. Take the rest out of the set later (rekindle extract).${stops}`,
  };
}

/** What leaving this step out would cost; null when that cannot be. */
export function skippableStep(step: Step | undefined): SkippableStep | null {
  const cost = step && costs.find((each) => each.step.test(step.id))?.cost(step);
  return cost ? { step: step.id, title: step.title, ...cost } : null;
}

/** The step, and those that would only work on what it did not bring back. */
export function stepsToSkip(plan: Plan, step: string): string[] {
  const archives = archivesOf(plan.steps.find(({ id }) => id === step)?.actions ?? []);
  const flags = plan.steps.filter(({ actions }) =>
    actions.some((action) => action.type === 'inode-flags' && archives.includes(action.archive)),
  );
  return [...new Set([step, ...flags.map(({ id }) => id)])];
}

function archivesOf(actions: Step['actions']): string[] {
  return actions.flatMap((action) => (action.type === 'extract' ? action.archive : []));
}

/** What a restore was told to leave out, with what that costs; not those that followed from another one. */
export function skippedSteps(plan: Plan, entries: readonly JournalEntry[]): SkippedStep[] {
  const skipped = new Set(sinceBegun(plan, entries).flatMap(({ step, state }) => (state === 'skipped' ? step : [])));
  const followed = new Set([...skipped].flatMap((step) => stepsToSkip(plan, step).slice(1)));
  return plan.steps.flatMap((step) => {
    const cost = skipped.has(step.id) && !followed.has(step.id) ? skippableStep(step) : null;
    return cost === null ? [] : [{ step: cost.step, title: cost.title, consequence: cost.consequence }];
  });
}

/** @throws RekindleError RK470 when it is not what stopped or cannot be left out, RK469 unless its words were typed */
export function assertSkip(skippable: SkippableStep | null, step: string, typed: string): void {
  if (skippable === null || skippable.step !== step) throw new RekindleError('RK470', step);
  if (typed !== skippable.words)
    throw new RekindleError('RK469', `typed "${typed}", the words are "${skippable.words}"`);
}
