import { RekindleError, reportOf } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { probeDevice } from '../layout/probe.ts';
import { isSameTable } from '../layout/table.ts';
import { opensLayer } from '../plan/reopen.ts';
import type { Action, Plan, Step } from '../plan/step.ts';
import { sizeOf } from './disk-actions.ts';
import { isOn } from './keep-place.ts';

/**
 * Reads partition tables, sizes and UUIDs back from the disks, and compares them with what the steps make that count as done:
 * all that will not run. @param order indexes of the steps that run @param areOpen whether layers are there by now
 * @returns a sentence for each thing that is otherwise; nothing is written
 */
export async function differencesOf(plan: Plan, order: readonly number[], areOpen: boolean): Promise<string[]> {
  const runs = new Set(order);
  const done = plan.steps.filter((_, index) => !runs.has(index));
  const found: string[] = [];
  for (const step of done) {
    for (const action of step.actions) found.push(...(await differenceIn(plan, action, areOpen)));
    for (const { device, uuid } of step.leaves ?? []) found.push(...(await otherUuid(plan, device, uuid, areOpen)));
  }
  return [...new Set(found)];
}

/** Could go on with a disk that this restore did not make. @throws RekindleError RK491 */
export async function assertMade(plan: Plan, order: readonly number[]): Promise<void> {
  const differences = await differencesOf(plan, order, true);
  if (differences.length > 0) throw new RekindleError('RK491', differences.join('; '));
}

/** Steps after which all is there that a restore goes on with, and before which nothing is written. */
export function isBeforeWriting({ id }: Step): boolean {
  return /^(check|release):/.test(id) || id === 'names' || opensLayer(id);
}

async function differenceIn(plan: Plan, action: Action, areOpen: boolean): Promise<string[]> {
  if (action.type === 'await-node' && action.sizeBytes !== null) {
    const size = await sizeOf(action.device);
    if (size === null) return missing(plan, action.device, areOpen);
    return size === action.sizeBytes ? [] : [`${action.device} has ${size} bytes, not ${action.sizeBytes}`];
  }
  if (action.type !== 'run' || action.argv[0] !== 'sfdisk' || action.input === undefined) return [];
  const device = action.argv.at(-1) ?? '';
  const { stdout, exitCode } = await run(['sfdisk', '--dump', device], { okExit: [0, 1] });
  const isSame = exitCode === 0 && isSameTable(action.input, stdout);
  return isSame ? [] : [`${device} has another partition table`];
}

async function otherUuid(plan: Plan, device: string, uuid: string, areOpen: boolean): Promise<string[]> {
  if ((await sizeOf(device)) === null) return missing(plan, device, areOpen);
  const found = await probeDevice(device).catch((error: unknown) => ({ UUID: reportOf(error).cause }));
  return isSameId(found.UUID ?? '', uuid) ? [] : [`${device} has the UUID ${found.UUID ?? 'none'}, not ${uuid}`];
}

/** mdadm groups them otherwise than blkid. */
function isSameId(one: string, other: string): boolean {
  const plain = (id: string): string => id.replaceAll(/[:-]/g, '').toLowerCase();
  return plain(one) === plain(other);
}

/** What lies on layers is there when those are open. */
function missing({ targets }: Plan, device: string, areOpen: boolean): string[] {
  return areOpen || targets.some(({ disk }) => isOn(device, disk.path)) ? [`${device} is not there`] : [];
}
