import { formatBytes } from '../../common/format.ts';
import { visible } from '../../common/visible.ts';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { nameToType } from '../../restore/plan/step.ts';

/** What is typed to go on with what only a disk says; undefined where it is proven. */
export function nameToVouchFor({ plan, unproven }: EngineState): string | undefined {
  return plan === null || unproven == null || unproven.locked ? undefined : nameToType(plan);
}

/** What a person must know to vouch for it: set, disks, time. None where it is proven. */
export function unprovenLines({ set, plan, unproven, continueAt }: EngineState): string[] {
  if (unproven == null || plan === null || continueAt === null) return [];
  if (unproven.locked) return ['Whether Rekindle wrote that shows once the backup is unlocked: c asks for its key.'];
  const made = set === null ? '' : `${set.machine.hostname}, made ${set.createdAt.slice(0, 16).replace('T', ' ')}`;
  const disks = plan.targets.map(({ disk }) => {
    const serial = disk.serial === null ? 'no serial' : `serial ${disk.serial}`;
    return `Disk: ${disk.name} (${disk.model}, ${formatBytes(disk.sizeBytes)}, ${serial})`;
  });
  const lines = [`Set:  ${made}`, `      ${plan.set}`, ...disks, `Time: ${unproven.at}, as the disk says`];
  return lines.map((text) => visible(text));
}
