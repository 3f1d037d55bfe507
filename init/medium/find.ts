import { mkdirSync } from 'node:fs';
import type { ErrorCode } from '../../common/errors/catalogue.ts';
import { RekindleError } from '../../common/errors/error.ts';
import type { ModuleLoader } from '../modules/loader.ts';
import { note, say } from '../say.ts';
import { DeviceEvents } from './device-events.ts';
import { type BlockDevice, listBlockDevices } from './devices.ts';
import { type Finding, gravityOf, inspect, type Medium, mediumMount, refusals } from './inspect.ts';
import type { Sought } from './own-set.ts';

type Findings = Map<string, { device: BlockDevice; finding: Finding }>;

/** How long after which to look again without an event: an empty drive announces a new disc to nobody. */
const lookAgainMs = 500;
/** How often the person is told what is awaited. */
const tellEveryMs = 10_000;

export interface SearchOptions {
  /** How long a device that is still missing is waited for. */
  seconds?: number;
  devices?: () => BlockDevice[];
}

/**
 * Waits until a device appears that holds the wanted set with the rd-base of this initrd, and mounts it read-only on
 * /run/rekindle/medium. What only looks like it is named and passed over: the order of looking decides nothing.
 * @throws RekindleError with the gravest of `refusals` that was found: RK103 when nothing was; each after `seconds`.
 */
export async function findMedium(
  sought: Sought,
  loader: Pick<ModuleLoader, 'load' | 'coldplugAll' | 'failures'>,
  { seconds = 60, devices = listBlockDevices }: SearchOptions = {},
): Promise<Medium> {
  mkdirSync(mediumMount, { recursive: true });
  const findings: Findings = new Map();
  const events = new DeviceEvents();
  const started = performance.now();
  try {
    for (let toldAt = started - tellEveryMs / 2; ; ) {
      loader.coldplugAll();
      // Looking may take long where much is read: what came meanwhile is looked at before giving up.
      const waited = performance.now() - started;
      const medium = await lookAround(findings, devices(), sought, loader);
      if (medium) return medium;
      if (waited >= seconds * 1000) throw notFound(sought, findings, loader, seconds);
      if (performance.now() - toldAt >= tellEveryMs) {
        toldAt = performance.now();
        const what = sought.set ? `the medium with set ${sought.set}` : 'a Rekindle medium';
        say(`Waiting for ${what}: ${Math.round(waited / 1000)} of ${seconds} s. ${describe(findings)}`);
      }
      await events.next(lookAgainMs);
    }
  } finally {
    events.close();
  }
}

/** Looks at each device that is new, has another disc, or could not be read the last time. */
async function lookAround(
  findings: Findings,
  devices: readonly BlockDevice[],
  sought: Sought,
  loader: Pick<ModuleLoader, 'load'>,
): Promise<Medium | null> {
  for (const name of findings.keys()) if (!devices.some((device) => device.name === name)) findings.delete(name);
  for (const device of devices) {
    const known = findings.get(device.name);
    if (known?.device.key === device.key && known.finding.found !== 'medium' && !known.finding.again) continue;
    const finding = await inspect(`/dev/${device.name}`, sought, loader);
    if (finding.found === 'medium') return finding.medium;
    const before = known?.finding;
    if (before?.found === 'medium' || before?.text !== finding.text) tell(device, finding);
    findings.set(device.name, { device, finding });
  }
  return null;
}

/** What passes for the wanted medium and is not, a person must see at once: another one may have put it there. */
function tell({ title }: BlockDevice, { code, text }: Extract<Finding, { found: 'nothing' }>): void {
  if (code === 'RK103' || code === 'RK104' || code === 'RK110') note(`${title}: ${text}`);
  else say(`Not the medium, passed over: ${title}: ${text} [${code}]`);
}

function describe(findings: Findings): string {
  const found = [...findings.values()].flatMap(({ device, finding }) =>
    finding.found === 'medium' ? [] : [`${device.title}: ${finding.text}`],
  );
  return found.length === 0 ? 'Seen: no disk and no drive at all.' : `Seen: ${found.join('; ')}.`;
}

function notFound(
  sought: Sought,
  findings: Findings,
  loader: Pick<ModuleLoader, 'failures'>,
  seconds: number,
): RekindleError {
  const gravest = Math.min(...[...findings.values()].map(({ finding }) => gravityOf(finding)));
  const code: ErrorCode = refusals[gravest] ?? 'RK103';
  const failures = loader.failures();
  const modules = failures.length > 0 ? ` Modules that did not load: ${failures.join('; ')}.` : '';
  const what = sought.set ? `set ${sought.set}` : 'any Rekindle set';
  return new RekindleError(code, `Looked ${seconds} s for ${what}. ${describe(findings)}${modules}`);
}
