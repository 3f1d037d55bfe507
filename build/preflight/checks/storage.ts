import { isContainer, planContent } from '../../../restore/layout/content.ts';
import type { LayoutNode } from '../../../restore/layout/schema.ts';
import { captureWithout } from '../../capture.ts';
import { neededTools } from '../../rescue/tools.ts';
import { type Check, type CheckContext, type Finding, needsRoot, ok } from '../finding.ts';
import { missingFinding, missingTools } from './missing.ts';

type Saved = Pick<LayoutNode, 'id' | 'content' | 'notSaved'>;

/** Programs that make these file systems and swap areas again, as a plan calls them. Pure. */
export function contentTools(nodes: readonly Saved[]): string[] {
  const actions = nodes.flatMap(({ content }) => {
    if (content === null || isContainer(content)) return [];
    const { rehearse, make, finish = [] } = planContent(content, '/dev/null', [{ content, device: '/dev/null' }]);
    return [...rehearse, ...make, ...finish];
  });
  return [...new Set(actions.flatMap((action) => (action.type === 'run' ? programsOf(action.argv) : [])))];
}

/** 'mke2fs' of `env MKE2FS_CONFIG=/x mke2fs -q`; of a shell that calls mkfs.btrfs both. */
function programsOf([first = '', ...rest]: readonly string[]): string[] {
  const program = first === 'env' ? (rest.find((word) => !word.includes('=')) ?? first) : first;
  return [program, ...rest.filter((word) => /^mkfs\.\w+$/.test(word))];
}

export const storage: Check = {
  id: 'storage',
  title: 'Disks and file systems that can be saved, and made again',
  async run(context) {
    const { place, rescueOnly, uid } = context;
    if (rescueOnly) return [];
    if (uid !== 0) return needsRoot;
    const { nodes } = await captureWithout(place.kind === 'usable' ? place.destination : null);
    const missing = await missingTools(contentTools(nodes).filter((tool) => !neededTools.includes(tool)));
    const found = [...missingMakers(nodes, missing, context), ...leftOut(nodes)];
    return found.length === 0 ? ok : found;
  },
};

/** What the rescue system takes from this machine, and would not have on the day of the restore. */
export function missingMakers(
  nodes: readonly Saved[],
  missing: readonly string[],
  context: Pick<CheckContext, 'distribution'>,
): Finding[] {
  if (missing.length === 0) return [];
  const of = nodes.filter((node) => contentTools([node]).some((tool) => missing.includes(tool)));
  const named = of.map(({ id, content }) => `${id} (${content?.kind})`).join(', ');
  return missingFinding(context, 'problem', missing, `Without them a restore cannot make ${named}.`);
}

function leftOut(nodes: readonly Saved[]): Finding[] {
  const left = nodes.filter(({ notSaved }) => notSaved !== undefined);
  if (left.length === 0) return [];
  return [
    {
      level: 'warning',
      what: `Not in the backup: ${left.map(({ id, notSaved }) => `${id} (${notSaved})`).join(', ')}.`,
      fix: 'Save these with another tool; a restore makes the partitions, empty.',
    },
  ];
}
