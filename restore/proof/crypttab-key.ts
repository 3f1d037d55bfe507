import { posix } from 'node:path';
import { mountAbove } from './fstab-line.ts';
import type { CrypttabLine } from './read/tables.ts';
import { lookUp } from './reference/collect.ts';
import { judge } from './reference/reference.ts';
import type { Subject } from './subject.ts';

/** What is wrong with a line, what nobody can know of it, and what is only told. Clauses. */
export interface Outcome {
  problem?: string;
  unknown?: string;
  note?: string;
}

/** There while the machine runs only: random bytes, sockets of services, memory. */
const runtime = /^\/(dev\/(u?random|hwrng|shm\/)|run\/|var\/run\/|proc\/|sys\/)/;
/** Scripts of Debian's cryptsetup, which crypttab names without a path. */
const scripts = '/lib/cryptsetup/scripts';

/** The third field of crypttab(5) and the header= of the fourth: a passphrase, a file, a file of another device, a device. */
export function keyOutcome({ key, options }: CrypttabLine, subject: Subject): Outcome {
  const script = options.find((option) => option.startsWith('keyscript='))?.slice('keyscript='.length);
  const header = options.find((option) => option.startsWith('header='))?.slice('header='.length);
  const found = script === undefined ? fileOutcome('key file', key, subject) : scriptOutcome(script, subject);
  return header === undefined || found.problem !== undefined
    ? found
    : { ...found, ...fileOutcome('header', header, subject) };
}

/** What the key field means only the script knows. */
function scriptOutcome(script: string, { root }: Subject): Outcome {
  const paths = script.startsWith('/') ? [script] : [`${scripts}/${script}`, `/usr${scripts}/${script}`];
  return root.firstFile(paths) === null ? { problem: `its key script ${script} does not exist` } : {};
}

function fileOutcome(what: string, text: string, subject: Subject): Outcome {
  if (['', '-', 'none'].includes(text) || runtime.test(text)) return {};
  const [, path, device] = /^(\/[^:]*):(.+)$/.exec(text) ?? [];
  if (path !== undefined && device !== undefined && isDeviceName(device)) return onDevice(what, path, device, subject);
  if (isDeviceName(text)) return deviceOutcome(what, text, subject);
  if (!text.startsWith('/')) return {};
  if (subject.root.stat(text) !== null) return {};
  const above = mountAbove(text, subject);
  return above === null
    ? { problem: `its ${what} ${text} does not exist` }
    : { unknown: `its ${what} ${text} lies in ${above.at}, which was not looked into` };
}

function isDeviceName(text: string): boolean {
  return /^(\/dev\/|(UUID|LABEL|PARTUUID|PARTLABEL|ID)=)/i.test(text);
}

/** '/keyfile:LABEL=STICK': in the file system of a device that is mounted for it alone. */
function onDevice(what: string, path: string, device: string, subject: Subject): Outcome {
  const judged = judge(lookUp(device, subject));
  if (judged === 'no-device' || 'problem' in judged || 'unknown' in judged)
    return { unknown: `its ${what} ${path} lies on ${device}, which is on none of the restored disks` };
  const mount = subject.mounts.find((each) => each.device === judged.device?.path && each.within === '/');
  if (mount === undefined) return { unknown: `its ${what} ${path} lies on ${device}, which is not mounted here` };
  return subject.root.stat(posix.join(mount.at, path)) === null
    ? { problem: `its ${what} ${path} does not exist on ${device}` }
    : {};
}

/** The device itself is the key: a stick, most often. */
function deviceOutcome(what: string, device: string, subject: Subject): Outcome {
  const judged = judge(lookUp(device, subject));
  if (judged === 'no-device') return {};
  if ('problem' in judged) return { unknown: `its ${what} is ${device}, which is on none of the restored disks` };
  return 'unknown' in judged ? { unknown: `its ${what} is ${device}, which ${judged.unknown}` } : {};
}
