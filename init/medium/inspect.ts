import { ErrnoError, errnoName, mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import type { ModuleLoader } from '../modules/loader.ts';
import { fileSystemModules } from '../modules/medium-modules.ts';
import { type MediumType, probeMedium } from './probe.ts';
import { describeSet, listSets, volumeOf } from './set.ts';

export const mediumMount = '/run/rekindle/medium';

export interface Medium {
  /** '/dev/sr0' */
  device: string;
  type: MediumType;
  uuid: string;
}

/** What a device turned out to be. `again`: look once more, the drive may still be getting ready. */
export type Finding =
  | { found: 'medium'; medium: Medium }
  | { found: 'nothing' | 'otherSet' | 'noModule'; text: string; again: boolean };

/** Looks at one device; it stays mounted when it holds the wanted set (any set when null). Never throws. */
export function inspect(device: string, wanted: string | null, loader: ModuleLoader): Finding {
  try {
    const type = probeMedium(device);
    if (type === null) return { found: 'nothing', text: 'no file system that a medium has', again: false };
    const lacking = fileSystemModules[type].map((name) => loader.load(name)).find((one) => one.outcome === 'failed');
    const flags = mountFlags.MS_RDONLY | mountFlags.MS_NODEV | mountFlags.MS_NOSUID;
    try {
      // noload: a foreign disk's journal must not be replayed onto it.
      mount(device, mediumMount, type, flags, type === 'ext4' ? 'noload' : '');
    } catch (error) {
      if (!(error instanceof ErrnoError && error.code === 'ENODEV')) throw error;
      const why = lacking?.outcome === 'failed' ? lacking.reason : 'its module is missing';
      return { found: 'noModule', text: `${type}, which this kernel cannot mount: ${why}`, again: false };
    }
    return identify(device, type, wanted);
  } catch (error) {
    return { found: 'nothing', text: describeError(error), again: true };
  }
}

function identify(device: string, type: MediumType, wanted: string | null): Finding {
  const sets = listSets(mediumMount);
  const uuid = sets.find((set) => wanted === null || set.toLowerCase() === wanted);
  const place = uuid ? volumeOf(mediumMount, uuid) : null;
  if (uuid && (place === null || place.volume === 1)) return { found: 'medium', medium: { device, type, uuid } };
  if (place) {
    umount(mediumMount);
    const text = `${type}, volume ${place.volume} of ${place.volumes}; the rescue system is on volume 1`;
    return { found: 'otherSet', text, again: false };
  }
  const others = sets.map((set) => describeSet(mediumMount, set));
  umount(mediumMount);
  if (others.length === 0) return { found: 'nothing', text: `${type}, no Rekindle medium`, again: false };
  return { found: 'otherSet', text: `${type}, a Rekindle medium of another set: ${others.join(', ')}`, again: false };
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'errno' in error && typeof error.errno === 'number' ? errnoName(error.errno) : '';
  if (code === 'ENOMEDIUM') return 'no disc in the drive, or not ready yet';
  if (code === 'EIO' || code === 'EUCLEAN' || code === 'EBADMSG') return `cannot be read, damaged (${error.message})`;
  return error.message;
}
