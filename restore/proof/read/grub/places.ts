import type { Device } from '../../device.ts';
import { candidatesOf, isSameContent } from '../../reference/reference.ts';
import { resolveReference } from '../../reference/resolve.ts';
import type { Subject } from '../../subject.ts';
import { type BootFile, BootFiles, mountOf } from '../boot-files.ts';
import { isUnknown } from './scope.ts';

/** Stands for a device whose paths are those of the system: where GRUB's own folder is. */
export const systemDevice = 'system';
/** Begins the name of a device that a search did not find; the words follow. */
const lost = 'lost:';

type Variables = ReadonlyMap<string, string>;

/** Follows GRUB's names of devices and files. */
export class GrubPlaces {
  readonly #subject: Subject;
  readonly #files: BootFiles;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#files = new BootFiles(subject);
  }

  /** Where a path that a command names is: '/vmlinuz', '($root)/vmlinuz', '(hd0,gpt2)/vmlinuz' with its variables put in. */
  file(written: string, variables: Variables): BootFile {
    const hidden = (why: string): BootFile => ({ written: shown(written), path: null, state: 'hidden', why });
    const [, named, path = ''] = /^(?:\(([^)]*)\))?(.*)$/s.exec(written) ?? [];
    const device = named ?? variables.get('root') ?? '';
    if (isUnknown(device + path)) return hidden('has a name that is known at the start only');
    if (device === systemDevice) return this.#files.inSystem(path);
    if (device.startsWith(lost)) return { written: path, path: null, state: 'lost', why: device.slice(lost.length) };
    const real = this.device(device);
    if (real === null) return hidden(`lies on ${device === '' ? 'no device' : `(${device})`}, which is not known here`);
    return { ...this.#files.locate(real, path, relativeOf(variables)), written: path };
  }

  /** A device of this machine for GRUB's name; null where nobody can say. */
  device(name: string): string | null {
    const { devices, disks, mounts } = this.#subject;
    if (devices.some(({ path }) => path === name) || mounts.some((mount) => mount.device === name)) return name;
    const volume = /^lvm\/(.+)$/.exec(name)?.[1];
    if (volume !== undefined) return devices.find(({ path }) => path === `/dev/mapper/${volume}`)?.path ?? null;
    const byId = /^(?:mduuid|cryptouuid)\/(.+)$/.exec(name)?.[1];
    if (byId !== undefined) return this.#layer(byId);
    const [, partition] = /^[hv]d0,(?:gpt|msdos)?(\d+)$/.exec(name) ?? [];
    const [disk, ...others] = disks;
    // The firmware counts the disks: of several nobody knows which is the first, and of one disk there is no second.
    if (partition === undefined || disk === undefined || others.length > 0) return null;
    const pattern = new RegExp(`^p?${partition}$`);
    return devices.find(({ path }) => path.startsWith(disk) && pattern.test(path.slice(disk.length)))?.path ?? null;
  }

  /** The array or the opened device on what has this id. */
  #layer(id: string): string | null {
    const plain = (text: string | null): string => (text ?? '').replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
    const { devices } = this.#subject;
    const carrier = devices.find(({ uuid }) => plain(uuid) === plain(id));
    if (carrier === undefined) return null;
    return devices.find(({ below }) => below[0] === carrier.path)?.path ?? null;
  }

  /** @param spec 'UUID=...', 'LABEL=...' @returns a device's name for a variable, and whether it was found */
  search(spec: string): { device: string; found: boolean } {
    const reference = resolveReference(spec, this.#subject.devices);
    const candidates = candidatesOf(reference);
    if (candidates.length > 1 && !isSameContent(candidates))
      return { device: `${lost}${spec}, which is there twice`, found: false };
    const [first] = candidates;
    if (first === undefined) return { device: `${lost}${spec}, which is on none of the restored disks`, found: false };
    return { device: candidates.find((each) => this.#isMounted(each))?.path ?? first.path, found: true };
  }

  /** The first file system that holds a path; null: none that is mounted does, and others may. */
  searchFile(path: string, variables: Variables): string | null {
    const relative = relativeOf(variables);
    const mounted = [...new Set(this.#subject.mounts.map(({ device }) => device))];
    return mounted.find((device) => this.#files.locate(device, path, relative).state === 'there') ?? null;
  }

  /** The device that a path of the system lies on. */
  deviceOf(path: string): string | null {
    return mountOf(this.#subject.mounts, path)?.device ?? null;
  }

  #isMounted({ path, aliases }: Device): boolean {
    return this.#subject.mounts.some(({ device }) => device === path || aliases.includes(device));
  }
}

/** SUSE's GRUB (btrfs_relative_path, btrfs_subvol, btrfs-mount-subvol). */
function relativeOf(variables: Variables) {
  if (!/^[1yY]/.test(variables.get('btrfs_relative_path') ?? '')) return null;
  const grafts = (variables.get(graftsVariable) ?? '').split('\n').flatMap((line) => {
    const [at = '', subvolume = ''] = line.split('\t');
    return at === '' ? [] : [{ at, subvolume }];
  });
  return { subvolume: variables.get('btrfs_subvol') || null, grafts };
}

/** No name that a script can have. */
const graftsVariable = ' grafts';

/** Notes that 'btrfs-mount-subvol' put a subvolume at a place. */
export function addGraft(variables: Map<string, string>, at: string, subvolume: string): void {
  variables.set(graftsVariable, `${variables.get(graftsVariable) ?? ''}${at}\t${subvolume}\n`);
}

/** A text for a person. */
export function shown(text: string): string {
  return text.replaceAll(/\uE000/g, '?');
}
