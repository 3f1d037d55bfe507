import { mkdirSync } from 'node:fs';
import type { ErrorCode } from '../../common/errors/catalogue.ts';
import { RekindleError } from '../../common/errors/error.ts';
import type { ModuleLoader } from '../modules/loader.ts';
import { note, say } from '../say.ts';
import { DeviceEvents } from './device-events.ts';
import { type BlockDevice, listBlockDevices, pollDrives } from './devices.ts';
import { type Finding, inspect, type Medium, mediumMount } from './inspect.ts';

type Findings = Map<string, { device: BlockDevice; finding: Finding }>;

/** How long after which to look again without an event: an empty drive announces a new disc to nobody. */
const lookAgainMs = 500;
/** How often the person is told what is awaited. */
const tellEveryMs = 10_000;

/**
 * Waits until a device with the wanted set appears and mounts it read-only on /run/rekindle/medium.
 * @throws RekindleError RK104 when a medium of another set is here, RK110 when one may be here that the kernel cannot
 * read, RK103 when there is none; each after `seconds`.
 */
export async function findMedium(wanted: string | null, loader: ModuleLoader, seconds = 60): Promise<Medium> {
  mkdirSync(mediumMount, { recursive: true });
  const findings: Findings = new Map();
  const events = new DeviceEvents();
  pollDrives();
  const started = performance.now();
  try {
    for (let toldAt = started - tellEveryMs / 2; ; ) {
      loader.coldplugAll();
      const medium = lookAround(findings, wanted, loader);
      if (medium) return medium;
      const waited = performance.now() - started;
      if (waited >= seconds * 1000) throw notFound(wanted, findings, loader, seconds);
      if (performance.now() - toldAt >= tellEveryMs) {
        toldAt = performance.now();
        const sought = wanted ? `the medium with set ${wanted}` : 'a Rekindle medium';
        say(`Waiting for ${sought}: ${Math.round(waited / 1000)} of ${seconds} s. ${describe(findings)}`);
      }
      await events.next(lookAgainMs);
    }
  } finally {
    events.close();
  }
}

/** Looks at each device that is new, has another disc, or could not be read the last time. */
function lookAround(findings: Findings, wanted: string | null, loader: ModuleLoader): Medium | null {
  const devices = listBlockDevices();
  for (const name of findings.keys()) if (!devices.some((device) => device.name === name)) findings.delete(name);
  for (const device of devices) {
    const known = findings.get(device.name);
    if (known?.device.key === device.key && known.finding.found !== 'medium' && !known.finding.again) continue;
    const finding = inspect(`/dev/${device.name}`, wanted, loader);
    if (finding.found === 'medium') return finding.medium;
    const before = known?.finding;
    if (before?.found === 'medium' || before?.text !== finding.text) note(`${device.title}: ${finding.text}`);
    findings.set(device.name, { device, finding });
  }
  return null;
}

function describe(findings: Findings): string {
  const found = [...findings.values()].flatMap(({ device, finding }) =>
    finding.found === 'medium' ? [] : [`${device.title}: ${finding.text}`],
  );
  return found.length === 0 ? 'Seen: no disk and no drive at all.' : `Seen: ${found.join('; ')}.`;
}

function notFound(wanted: string | null, findings: Findings, loader: ModuleLoader, seconds: number): RekindleError {
  const kinds = new Set([...findings.values()].map(({ finding }) => finding.found));
  const code: ErrorCode = kinds.has('otherSet') ? 'RK104' : kinds.has('noModule') ? 'RK110' : 'RK103';
  const failures = loader.failures();
  const modules = failures.length > 0 ? ` Modules that did not load: ${failures.join('; ')}.` : '';
  const sought = wanted ? `set ${wanted}` : 'any Rekindle set';
  return new RekindleError(code, `Looked ${seconds} s for ${sought}. ${describe(findings)}${modules}`);
}
