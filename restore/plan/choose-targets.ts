import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes, parseBytes } from '../../common/format.ts';
import type { Manifest } from '../archive/set-schema.ts';
import { chainsOf, isDisk, listBlockDevices } from '../layout/lsblk.ts';
import { listMounts } from '../layout/mounts.ts';
import type { Layout, LayoutDisk } from '../layout/schema.ts';
import type { TargetChoice } from './assign.ts';
import { describeDisk, refuse } from './disks.ts';
import { loadFrom } from './resize/claims.ts';
import type { TargetDisk } from './step.ts';

/** Where a plan would go: real disks, or such as are not here. */
export interface Chosen {
  targets: TargetChoice[];
  /** All of them are disks of this machine, so its firmware counts too. */
  here: boolean;
  /** What people must know. */
  notes: string[];
}

/**
 * Target disks as named on a command line: 'disk0=/dev/sda', 'disk0=image.raw', 'disk0=size:20G',
 * 'disk0=size:20G:/dev/sda'. Without any, the disks of this machine with the very sizes of the saved ones. Mounts and
 * writes nothing; what is on a disk is only known to root.
 * @throws RekindleError RK482 when they are not clear, RK483 when they are not understood, RK009 when one is not there
 */
export async function chooseTargets(
  layout: Layout,
  manifest: Manifest | null,
  named: readonly string[],
): Promise<Chosen> {
  const notes: string[] = [];
  if (named.length === 0) {
    const targets = ofSameSize(layout.disks, await disksHere(layout, manifest, notes));
    return { targets, here: true, notes };
  }
  const targets: TargetChoice[] = [];
  let here = true;
  for (const [index, text] of named.entries()) {
    const [, source, target] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const saved = layout.disks.find(({ id, name }) => id === source || name === source);
    if (target === undefined || saved === undefined) {
      throw new RekindleError('RK483', `"${text}"; saved disks: ${layout.disks.map(describe).join('; ')}`);
    }
    const absent = imagined(target, saved, index) ?? (await imageFile(target, saved));
    here &&= absent === null;
    const disk =
      absent ?? (await disksHere(layout, manifest, notes)).find(({ path, name }) => path === target || name === target);
    if (disk === undefined)
      throw new RekindleError('RK009', `${target} is neither a disk of this machine nor the image of one`);
    targets.push({ source: saved.id, disk });
  }
  return { targets, here, notes: [...new Set(notes)] };
}

function describe({ id, name, model, sizeBytes }: LayoutDisk): string {
  return `${id} (${name} ${model}, ${formatBytes(sizeBytes)})`;
}

/** 'size:20G': a disk that nobody has here. A name may follow, for a script that is to run elsewhere. */
function imagined(text: string, saved: LayoutDisk, index: number): TargetDisk | null {
  if (!text.startsWith('size:')) return null;
  const [, size = '', path] = /^size:([^:]+)(?::(\/dev\/\S+))?$/.exec(text) ?? [];
  const bytes = parseBytes(size);
  if (bytes === null) throw new RekindleError('RK483', `"${text}" is not such as size:20G or size:20GiB`);
  return unknownDisk(path ?? `/dev/sd${'xyzwvu'[index] ?? 'x'}`, bytes, saved);
}

/** The image of a disk: its size counts. */
async function imageFile(path: string, saved: LayoutDisk): Promise<TargetDisk | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? unknownDisk(resolve(path), found.size, saved) : null;
}

function unknownDisk(path: string, sizeBytes: number, { logicalSectorBytes }: LayoutDisk): TargetDisk {
  const nothing = { model: '', serial: null, wwn: null, transport: null, refusal: null, removable: false };
  return { ...nothing, path, name: basename(path), sizeBytes, logicalSectorBytes, contents: ['not looked at'] };
}

async function disksHere(layout: Layout, manifest: Manifest | null, notes: string[]): Promise<TargetDisk[]> {
  const root = (await listMounts()).findLast(({ target }) => target === '/')?.['maj:min'];
  const found: TargetDisk[] = [];
  for (const device of (await listBlockDevices()).filter(isDisk)) {
    const disk = await describeDisk(
      device,
      refuse(device, layout, manifest === null ? undefined : loadFrom([manifest])),
    );
    if (process.getuid?.() !== 0) disk.contents = ['not looked at: that needs root'];
    // Only to look: nobody may start such a restore from the running system.
    const runs = chainsOf([device]).some((chain) => chain.device['maj:min'] === root);
    if (runs) notes.push(`${disk.name} holds this running system: start from the medium to restore onto it.`);
    found.push(disk);
  }
  return found;
}

function ofSameSize(saved: readonly LayoutDisk[], here: readonly TargetDisk[]): TargetChoice[] {
  return saved.map((disk) => {
    const fitting = here.filter(({ sizeBytes, refusal }) => sizeBytes === disk.sizeBytes && refusal === null);
    const twins = saved.filter(({ sizeBytes }) => sizeBytes === disk.sizeBytes);
    const [only] = fitting;
    if (only === undefined || fitting.length > 1 || twins.length > 1) {
      const choice = here.map(
        ({ path, model, sizeBytes, refusal }) =>
          `${path} (${model || 'no model'}, ${formatBytes(sizeBytes)}${refusal === null ? '' : `: ${refusal}`})`,
      );
      throw new RekindleError(
        'RK482',
        `saved: ${saved.map(describe).join('; ')}; here: ${choice.join('; ') || 'none'}`,
      );
    }
    return { source: disk.id, disk: only };
  });
}
