import { release } from 'node:os';
import { readDistribution } from '../../common/packages/distribution.ts';
import { printJson, printLines } from '../../common/print.ts';
import { isUefi } from '../../restore/bootloader/firmware.ts';
import { parseDestination } from '../destination.ts';
import { bootPath } from './checks/boot-path.ts';
import { bios, secureBoot, uefi } from './checks/firmware.ts';
import { kernel, modules, processor } from './checks/kernel.ts';
import { libraries } from './checks/libraries.ts';
import { whyStopped } from './checks/missing.ts';
import { root } from './checks/root.ts';
import { space } from './checks/space.ts';
import { stack } from './checks/stack.ts';
import { storage } from './checks/storage.ts';
import { tar } from './checks/tar.ts';
import { tools } from './checks/tools.ts';
import type { Check, CheckContext, Place, Reported } from './finding.ts';
import { isGood, renderFindings, reportFindings } from './render.ts';

export { renderFindings } from './render.ts';

/** Every check, in the order in which a person would look. */
export const checks: readonly Check[] = [
  root,
  processor,
  tools,
  stack,
  tar,
  libraries,
  kernel,
  modules,
  bootPath,
  bios,
  uefi,
  secureBoot,
  storage,
  space,
];

export interface PreflightOptions {
  rescueOnly: boolean;
  /** Where the medium would go: 'iso:FILE'. */
  to?: string;
  /** Tests look at another kernel, distribution or user. */
  context?: Partial<CheckContext>;
}

/** Asks everything of this machine; changes nothing. */
export async function findProblems(options: PreflightOptions): Promise<Reported[]> {
  const context: CheckContext = {
    rescueOnly: options.rescueOnly,
    place: await lookAtPlace(options.to),
    executable: process.execPath,
    uid: process.getuid?.() ?? 0,
    release: release(),
    root: '/',
    firmware: isUefi() ? 'uefi' : 'bios',
    distribution: await readDistribution(),
    ...options.context,
  };
  const found: Reported[] = [];
  for (const { id, title, run } of checks)
    for (const finding of await run(context).catch((error: unknown) => whyStopped(error, context)))
      found.push({ id, title, ...finding });
  return found;
}

async function lookAtPlace(to: string | undefined): Promise<Place> {
  if (to === undefined) return { kind: 'none' };
  return parseDestination(to).then(
    (destination): Place => ({ kind: 'usable', destination }),
    (error: unknown): Place => ({ kind: 'refused', error }),
  );
}

export interface CheckRequest {
  json: boolean;
  rescueOnly: boolean;
  to?: string;
}

/** `rekindle check`: prints the report and gives whether this machine can be saved. */
export async function runCheck({ json, rescueOnly, to }: CheckRequest): Promise<boolean> {
  const found = await findProblems({ rescueOnly, ...(to === undefined ? {} : { to }) });
  if (json) printJson(reportFindings(found));
  else printLines(renderFindings(found, await readDistribution()));
  return isGood(found);
}
