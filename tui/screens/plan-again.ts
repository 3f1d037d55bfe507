import type { CommandBody } from '../../restore/execute/protocol.ts';
import type { Plan, Sizes } from '../../restore/plan/step.ts';

/** The same once more, perhaps at other sizes. A part stays a part: never more is planned than what was shown. */
export function planAgain({ part, targets }: Plan, sizes: Sizes): CommandBody {
  const disks = targets.map(({ source, disk }) => ({ source, disk: disk.path }));
  if (part === undefined) return { command: 'plan', targets: disks, sizes };
  return { command: 'plan', targets: part.kind === 'file-system' ? [] : disks, sizes, part: part.order };
}
