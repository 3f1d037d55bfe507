import { formatBytes } from '../../common/format.ts';
import { type EngineState, withoutFiles } from '../../restore/execute/protocol.ts';
import type { Plan } from '../../restore/plan/step.ts';
import { type Drawing, drawDisk } from '../components/disk-picture.ts';
import { describeSignature } from '../components/signature.ts';

export interface PlanLine {
  text: string;
  color?: 'red' | 'yellow';
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
  else
    for (const { disk } of plan.targets) {
      const serial = disk.serial ?? 'none';
      lines.push({
        text: `Everything on ${disk.name}  ${disk.model || 'no model'}  serial ${serial}  ${formatBytes(disk.sizeBytes)}  will be destroyed:`,
        color: 'red',
      });
      lines.push({ text: `  ${disk.contents.length > 0 ? disk.contents.join(', ') : 'it is empty'}`, color: 'red' });
    }
  for (const { source, before, after } of plan.pictures ?? []) {
    const name = plan.targets.find((target) => target.source === source)?.disk.name ?? source;
    lines.push(...drawDisk('was', before, drawing), ...drawDisk(`${name} then`, after, drawing));
  }
  if (salvage?.status === 'possible') {
    const more = salvage.files > 5 ? ' ...' : '';
    lines.push({
      text: `! The backup is damaged. It will be restored ${withoutFiles(salvage.files)}: ${salvage.first.slice(0, 5).join(', ')}${more}`,
      color: 'red',
    });
    lines.push({ text: `  The whole list: ${salvage.listFile}`, color: 'red' });
  }
  if (unverified.length > 0)
    lines.push({
      text: `! Archives not yet verified: ${unverified.join(', ')} is not here. Each part is verified while it is restored, after the disk was wiped.`,
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
  for (const [index, step] of plan.steps.entries())
    lines.push({ text: `${String(index + 1).padStart(3)}  ${step.title.padEnd(50)} ${step.target}` });
  return lines;
}

/** Not the whole disk: what each step loses. */
function linesOfPart({ part, targets, steps }: Plan): PlanLine[] {
  const disks = targets.map(
    ({ disk }) => `${disk.name}  ${disk.model}  serial ${disk.serial ?? 'none'}  ${formatBytes(disk.sizeBytes)}`,
  );
  const lost = [...new Set(steps.flatMap(({ destroys }) => destroys ?? []))];
  const where =
    part?.kind === 'file-system' ? `On ${part.confirm}, a part of ${disks.join(', ')},` : `On ${disks.join(', ')}`;
  if (lost.length === 0) return [{ text: `${where} nothing will be destroyed.` }];
  return [
    { text: `${where} will be destroyed:`, color: 'red' },
    ...lost.map((text): PlanLine => ({ text: `  ${text}`, color: 'red' })),
  ];
}

const continued = '     ';

/** Cuts long lines where the screen ends; the rest goes on below, indented. */
export function wrapLines<Line extends { text: string }>(lines: readonly Line[], width: number): Line[] {
  return lines.flatMap((line) => {
    const parts: Line[] = [];
    let rest = line.text;
    let indent = '';
    do {
      const room = width - indent.length;
      const space = rest.length > room ? rest.lastIndexOf(' ', room) : -1;
      const end = space > room / 2 ? space : room;
      parts.push({ ...line, text: (indent + rest.slice(0, end)).trimEnd() });
      rest = rest.slice(end).trimStart();
      indent = continued;
    } while (rest !== '');
    return parts;
  });
}
