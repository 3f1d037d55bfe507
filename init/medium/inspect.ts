import { ErrnoError, errnoName, mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import type { ErrorCode } from '../../common/errors/catalogue.ts';
import { RekindleError } from '../../common/errors/error.ts';
import { visible } from '../../common/visible.ts';
import type { ModuleLoader } from '../modules/loader.ts';
import { fileSystemModules } from '../modules/medium-modules.ts';
import { checkOwnSet, type Sought } from './own-set.ts';
import { type MediumType, probeMedium } from './probe.ts';
import { describeSet, listSets } from './set.ts';

export const mediumMount = '/run/rekindle/medium';

export interface Medium {
  /** '/dev/sr0' */
  device: string;
  type: MediumType;
  uuid: string;
  /** Checked: on the mounted medium, or its copy in memory. */
  rdBase: string;
}

/** Why a device is no medium; the gravest first, for the report at the end of a search. */
export const refusals = ['RK105', 'RK109', 'RK108', 'RK111', 'RK104', 'RK110', 'RK103'] as const satisfies ErrorCode[];
type Refusal = (typeof refusals)[number];

/** What a device turned out to be. `again`: look once more, the drive may still be getting ready. */
export type Finding =
  | { found: 'medium'; medium: Medium }
  | { found: 'nothing'; code: Refusal; text: string; again: boolean };

/** Sets of one device: what a line has room for, and how many may make us read an rd-base. */
const mostNamed = 4;
const mostTried = 8;

const nothing = (text: string, code: Refusal = 'RK103'): Finding => ({ found: 'nothing', code, text, again: false });

/**
 * Looks at one device; it stays mounted when it holds the wanted set with the rd-base that came with this initrd. Never throws.
 */
export async function inspect(device: string, sought: Sought, loader: Pick<ModuleLoader, 'load'>): Promise<Finding> {
  try {
    const type = await probeMedium(device);
    if (type === null) return nothing('no file system that a medium has');
    const lacking = fileSystemModules[type].map((name) => loader.load(name)).find((one) => one.outcome === 'failed');
    const flags = mountFlags.MS_RDONLY | mountFlags.MS_NODEV | mountFlags.MS_NOSUID;
    try {
      // noload: a foreign disk's journal must not be replayed onto it.
      mount(device, mediumMount, type, flags, type === 'ext4' ? 'noload' : '');
    } catch (error) {
      if (!(error instanceof ErrnoError && error.code === 'ENODEV')) throw error;
      const why = lacking?.outcome === 'failed' ? lacking.reason : 'its module is missing';
      return nothing(`${type}, which this kernel cannot mount: ${why}`, 'RK110');
    }
    const finding = await identify(device, type, sought).catch((error: unknown) => {
      umount(mediumMount);
      throw error;
    });
    if (finding.found !== 'medium') umount(mediumMount);
    return finding;
  } catch (error) {
    return { found: 'nothing', code: 'RK103', text: describeError(error), again: true };
  }
}

/** All sets that may be meant: the first one is not more likely the right one than the second. */
async function identify(device: string, type: MediumType, sought: Sought): Promise<Finding> {
  const sets = await listSets(mediumMount);
  const wanted = sets.filter((set) => sought.set === null || set.toLowerCase() === sought.set);
  const refused: Finding[] = [];
  for (const uuid of wanted.slice(0, mostTried)) {
    const finding = await checkOwnSet(mediumMount, uuid, sought).then(
      (rdBase): Finding => ({ found: 'medium', medium: { device, type, uuid, rdBase } }),
      (error: unknown) => refusal(type, error),
    );
    if (finding.found === 'medium') return finding;
    refused.push(finding);
  }
  const [gravest] = refused.toSorted((left, right) => gravityOf(left) - gravityOf(right));
  if (gravest) return gravest;
  if (sets.length === 0) return nothing(`${type}, no Rekindle medium`);
  const others = await Promise.all(sets.slice(0, mostNamed).map((set) => describeSet(mediumMount, set)));
  if (sets.length > mostNamed) others.push(`${sets.length - mostNamed} more`);
  return nothing(`${type}, a Rekindle medium of another set: ${others.join(', ')}`, 'RK104');
}

/** By the order of `refusals`; a medium is none. */
export function gravityOf(finding: Finding): number {
  return finding.found === 'medium' ? refusals.length : refusals.indexOf(finding.code);
}

/** The same disc is not read again: it would not differ, and reading it takes a minute. */
function refusal(type: MediumType, error: unknown): Finding {
  if (!(error instanceof RekindleError)) throw error;
  const code = refusals.find((one) => one === error.code);
  if (code === undefined) throw error;
  return nothing(`${type}, ${visible(error.reason)}`, code);
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'errno' in error && typeof error.errno === 'number' ? errnoName(error.errno) : '';
  if (code === 'ENOMEDIUM') return 'no disc in the drive, or not ready yet';
  if (code === 'EIO' || code === 'EUCLEAN' || code === 'EBADMSG') return `cannot be read, damaged (${error.message})`;
  return visible(error.message);
}
