import { formatBytes } from '../../common/format.ts';
import { renderArgv } from '../../common/run.ts';
import { type Action, contentsOf, holdsNothing, type Plan } from './step.ts';

/** One action for people: the command as it can be pasted, with its input below it; or a sentence. */
export function describeAction(action: Action): string[] {
  switch (action.type) {
    case 'run':
      return [
        `$ ${renderArgv(action.argv)}`,
        ...(action.input === undefined ? [] : action.input.trimEnd().split('\n')).map((line) => `  | ${line}`),
      ];
    case 'assert-disk':
      return [`refuse unless ${action.device} has ${formatBytes(action.sizeBytes)}, serial ${action.serial ?? 'none'}`];
    case 'assert-device':
      return [
        `refuse unless ${action.device} ${action.sizeBytes === null ? 'is there' : `has ${formatBytes(action.sizeBytes)}`}, is in use by nobody${action.holds === null ? '' : ` and holds ${action.holds.type}${action.holds.uuid === null ? '' : ` ${action.holds.uuid}`}`}`,
      ];
    case 'assert-free':
      return [`refuse when one of these is there: ${action.devices.join(', ')}`];
    case 'release-disk':
      return [`unmount and stop what stands on ${action.device}`];
    case 'await-node':
      return [`wait for ${action.device}${action.sizeBytes === null ? '' : ` with ${formatBytes(action.sizeBytes)}`}`];
    case 'assert-mounted':
      return [`refuse unless ${action.device} is mounted on ${action.at}`];
    case 'extract':
      return [`extract ${action.archive} into ${action.at}`];
    case 'write-raw':
      return [`write ${action.archive} onto ${action.device}`];
    case 'inode-flags':
      return [`set inode flags and project ids of ${action.archive} below ${action.at}`];
    case 'mkdir':
      return [`make the directory ${action.path}`];
    case 'write-file':
      return [`write ${action.path}`];
    case 'prove':
      return [`prove that ${action.root} can boot from ${action.disks.join(', ')}`];
    case 'copy-log':
      return [`copy the log to ${action.root}/var/log/rekindle`];
  }
}

/** The whole plan for people, line by line: what is lost, what to know, every step with what it runs. */
export function describePlan(plan: Plan): string[] {
  const lines: string[] = [];
  for (const { source, disk } of plan.targets) {
    lines.push(
      `${source} -> ${disk.path}  ${disk.model || 'no model'}  serial ${disk.serial ?? 'none'}  ${formatBytes(disk.sizeBytes)}`,
    );
    if (plan.part === undefined || plan.part.kind === 'layout')
      lines.push(`  ${holdsNothing(disk) ? '' : 'everything on it will be destroyed: '}${contentsOf(disk)}`);
  }
  if (plan.part !== undefined && plan.part.kind !== 'layout') {
    const lost = plan.steps.flatMap(({ destroys }) => destroys ?? []);
    lines.push(`  will be destroyed: ${lost.length === 0 ? 'nothing' : lost.join('; ')}`);
  }
  for (const set of plan.sets ?? []) lines.push(`  takes ${set}`);
  for (const warning of plan.warnings) lines.push(`! ${warning}`);
  for (const [index, { title, target, destroys, actions }] of plan.steps.entries()) {
    lines.push('', `${String(index + 1).padStart(3)}  ${title}  (${target})`);
    if (destroys !== null) lines.push(`     destroys ${destroys}`);
    for (const line of actions.flatMap(describeAction)) lines.push(`       ${line}`);
  }
  return lines;
}
