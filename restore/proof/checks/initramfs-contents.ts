import { posix } from 'node:path';
import { type Check, cannotTell, fail, pass } from '../check.ts';
import type { Device } from '../device.ts';
import { ofTarget } from '../of-target.ts';
import { moduleName, readModules, withDependencies } from '../read/modules.ts';
import { initramfsOf, kernelVersion, readTarget } from '../read/target.ts';
import type { Subject } from '../subject.ts';
import { remake } from './initramfs.ts';

/** What must be in an initramfs, and for what. */
interface Need {
  why: string;
  modules: string[];
  /** Any one of them. */
  programs: string[];
}

export const initramfsContents: Check = {
  id: 'initramfs-contents',
  title: 'the initramfs holds what the root file system needs',
  stopsBoot: true,
  run: ofTarget(async (subject) => {
    const { initrds } = readTarget(subject);
    const version = await kernelVersion(subject);
    if (initrds.length === 0 || version === null)
      return cannotTell('There is no initramfs to look into, or no version of a kernel.');
    const names = new Set<string>();
    for (const path of initrds) {
      const reading = await initramfsOf(subject, path);
      if (reading.state !== 'whole') return cannotTell(`${path} could not be read to its end.`);
      for (const name of reading.initramfs.names) names.add(name);
    }
    const kernelModules = readModules(subject.root, version);
    if (kernelModules === null) return cannotTell(`Without /lib/modules/${version} nobody knows what is built in.`);
    const modules = new Set([...names].filter((name) => /\.ko(\.\w+)?$/.test(name)).map(moduleName));
    const programs = new Set([...names].map((name) => posix.basename(name)));
    const needs = needsOf(subject);
    const missing = needs.flatMap(({ why, modules: wanted, programs: tools }) => [
      ...withDependencies(
        kernelModules,
        wanted.filter(
          (name) => kernelModules.builtin.has(name) || kernelModules.needs.has(name) || !isOptionalModule(name),
        ),
      )
        .filter((name) => !modules.has(name))
        .map((name) => `the module ${name} (${why})`),
      ...(tools.length === 0 || tools.some((name) => programs.has(name)) ? [] : [`${tools[0]} (${why})`]),
    ]);
    if (missing.length > 0) return fail(`${initrds.join(', ')} lacks ${[...new Set(missing)].join(', ')}`, remake);
    if (!programs.has('init')) return fail(`${initrds.join(', ')} has no /init`, remake);
    const looked = needs.flatMap((need) => [...need.modules, ...need.programs.slice(0, 1)]);
    const unknown = subject.disks.some((disk) => subject.controllers(disk).length > 0)
      ? ''
      : "; the driver of the disk's controller is not known";
    return pass(`looked for ${[...new Set(looked)].join(', ')}${unknown}`);
  }),
};

/** Some kernels have no such module of their own: its code is part of another. */
function isOptionalModule(name: string): boolean {
  return /^(md_mod|dm_mod|crc32c_generic|libcrc32c)$/.test(name);
}

function needsOf(subject: Subject): Need[] {
  const { mounts, devices } = subject;
  const mount = mounts.find(({ at }) => at === '/');
  const root = devices.find(({ path }) => path === mount?.device);
  const type = root?.content ?? mount?.type ?? '';
  // The ext4 driver serves all three.
  const module = /^ext[23]$/.test(type) ? 'ext4' : type;
  const below = root === undefined ? [] : [root, ...devices.filter(({ path }) => root.below.includes(path))];
  const disks = below.filter(({ path }) => subject.disks.includes(path));
  const needs: Need[] = [{ why: 'the file system of /', modules: module === '' ? [] : [module], programs: [] }];
  for (const device of below) needs.push(...layerNeeds(device));
  for (const { path } of disks) {
    const modules = subject.controllers(path);
    if (modules.length > 0) needs.push({ why: `the controller of ${path}`, modules, programs: [] });
  }
  return needs;
}

function layerNeeds({ type, path }: Device): Need[] {
  if (type === 'crypt')
    return [
      {
        why: `the encryption of ${path}`,
        modules: ['dm_mod', 'dm_crypt'],
        programs: ['cryptsetup', 'systemd-cryptsetup'],
      },
    ];
  if (type === 'lvm') return [{ why: `the volume ${path}`, modules: ['dm_mod'], programs: ['lvm', 'lvchange'] }];
  const level = /^raid(\d+)$/.exec(type)?.[1];
  if (level === undefined && type !== 'linear') return [];
  const module = level === undefined ? 'linear' : /^[456]$/.test(level) ? 'raid456' : `raid${level}`;
  return [{ why: `the array ${path}`, modules: ['md_mod', module], programs: ['mdadm', 'systemd-udevd'] }];
}
