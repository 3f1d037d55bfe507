import { type EngineState, withoutFiles } from '../../restore/execute/protocol.ts';
import { contentsOf, holdsNothing, type Plan, type TargetDisk } from '../../restore/plan/step.ts';
import { diskName } from '../components/disk-name.ts';
import { type Drawing, drawDisk, withTitles } from '../components/disk-picture.ts';
import { describeSignature } from '../components/signature.ts';

export interface PlanLine {
  text: string;
  color?: 'red' | 'yellow';
  hanging?: number;
}

/** Of '  1  ' before a step. */
const numberColumns = 5;
const titleColumns = 50;

/** What becomes of a disk that is written from its beginning; red only where something is lost. */
function lossOf(disk: TargetDisk): PlanLine[] {
  const name = diskName(disk);
  if (holdsNothing(disk)) return [{ text: `Everything goes onto ${name}` }, { text: `  ${contentsOf(disk)}` }];
  return [
    { text: `Everything on ${name}  will be destroyed:`, color: 'red' },
    { text: `  ${contentsOf(disk)}`, color: 'red' },
  ];
}

/** '  1  make swap, same id          vda2' */
function stepLine(index: number, { title, target }: Plan['steps'][number]): PlanLine {
  const number = String(index + 1).padStart(3);
  const where = title.length > titleColumns ? `${title} (${target})` : `${title.padEnd(titleColumns)} ${target}`;
  return { text: `${number}  ${where}`, hanging: numberColumns };
}

/** The plan as lines: what is lost first, warnings, then every step. */
export function linesOf(
  plan: Plan,
  state: Pick<EngineState, 'unverified' | 'salvage' | 'set'> | null,
  drawing: Drawing,
): PlanLine[] {
  const { unverified, salvage } = state ?? { unverified: [], salvage: null };
  const lines: PlanLine[] = [];
  if (plan.part !== undefined && plan.part.kind !== 'layout') lines.push(...linesOfPart(plan));
  else lines.push(...plan.targets.flatMap(({ disk }) => lossOf(disk)));
  for (const { source, before, after } of plan.pictures ?? []) {
    const name = plan.targets.find((target) => target.source === source)?.disk.name ?? source;
    const then = `${name} then`;
    const same = withTitles(drawing, [then]);
    lines.push(...drawDisk('was', before, same), ...drawDisk(then, after, same));
  }
  if (salvage?.status === 'possible') {
    const more = salvage.files > 5 ? `, and ${salvage.files - 5} more` : '';
    lines.push({
      text: `! The backup is damaged. It will be restored ${withoutFiles(salvage.files)}: ${salvage.first.slice(0, 5).join(', ')}${more}`,
      color: 'red',
    });
    lines.push({ text: `  The whole list: ${salvage.listFile}`, color: 'red' });
  }
  if (unverified.length > 0)
    lines.push({
      text: `! Not checked yet: ${unverified.join(', ')} ${unverified.length === 1 ? 'is' : 'are'} not here. Each part is verified while it is restored, after the disk was wiped.`,
      color: 'yellow',
    });
  const signature = state?.set?.signature;
  if (signature && signature.kind !== 'unsigned')
    lines.push({ text: `The backup is ${describeSignature(signature).join(', ')}` });
  if (plan.sets !== undefined) {
    lines.push({ text: `It takes ${plan.sets.length} sets, one after the other:` });
    for (const set of plan.sets) lines.push({ text: `  ${set}` });
  }
  for (const size of plan.sizes ?? []) lines.push({ text: `~ ${size}`, color: 'yellow' });
  for (const warning of plan.warnings) lines.push({ text: `! ${warning}`, color: 'yellow' });
  lines.push({ text: '' });
  lines.push(...plan.steps.map((step, index) => stepLine(index, step)));
  return lines;
}

/** Not the whole disk: what each step loses. */
function linesOfPart({ part, targets, steps }: Plan): PlanLine[] {
  const disks = targets.map(({ disk }) => diskName(disk));
  const lost = [...new Set(steps.flatMap(({ destroys }) => destroys ?? []))];
  const where =
    part?.kind === 'file-system' ? `On ${part.confirm}, a part of ${disks.join(', ')},` : `On ${disks.join(', ')}`;
  if (lost.length === 0) return [{ text: `${where} nothing will be destroyed.` }];
  return [
    { text: `${where} will be destroyed:`, color: 'red' },
    ...lost.map((text): PlanLine => ({ text: `  ${text}`, color: 'red' })),
  ];
}
