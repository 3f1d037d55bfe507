import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { makeTemporaryFolder } from '../../common/files/temporary-folder.ts';
import { run } from '../../common/run.ts';
import { lvmConfig } from './lvm-config.ts';
import { type LvmSection, listIn, numberIn, parseLvmText, sectionIn, textIn } from './lvm-text.ts';
import { volumesOf } from './lvm-volumes.ts';
import { runJson } from './probe.ts';
import type { LayoutGroup } from './stack-schema.ts';

const sectorBytes = 512;

const reportSchema = z.object({
  report: z.array(
    z.object({
      pv: z.array(z.object({ pv_name: z.string(), pv_uuid: z.string(), vg_name: z.string(), vg_uuid: z.string() })),
    }),
  ),
});

/** A physical volume as LVM names it. */
export interface PhysicalVolume {
  device: string;
  uuid: string;
  /** '' for one that belongs to no group. */
  group: string;
  groupUuid: string;
}

/** Physical volumes that LVM sees; with `devices` among these only. */
export async function listPhysicalVolumes(devices?: readonly string[]): Promise<PhysicalVolume[]> {
  const config = devices === undefined ? [] : ['--config', lvmConfig(devices)];
  const argv = ['pvs', ...config, '--reportformat', 'json', '-o', 'pv_name,pv_uuid,vg_name,vg_uuid'] as const;
  const { report } = await runJson([...argv] as [string, ...string[]], reportSchema);
  return report.flatMap(({ pv }) =>
    pv.map((each) => ({
      device: each.pv_name,
      uuid: each.pv_uuid,
      group: each.vg_name,
      groupUuid: each.vg_uuid,
    })),
  );
}

/** A physical volume within its group's text. Sizes in bytes. */
export interface GroupDevice {
  uuid: string;
  sizeBytes: number;
  dataOffsetBytes: number;
}

/** A group's text, understood. */
export interface ReadGroup {
  group: LayoutGroup;
  devices: GroupDevice[];
}

/** The volume group on these devices. @throws RekindleError RK425 for what cannot be made again */
export async function readGroup(name: string, devices: readonly string[]): Promise<ReadGroup> {
  const directory = await makeTemporaryFolder('rekindle-lvm-');
  const file = join(directory, 'backup');
  try {
    await run(['vgcfgbackup', '--config', lvmConfig(devices), '--file', file, name]);
    return parseGroup(name, await readFile(file, 'utf8'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Understands the text of `vgcfgbackup`. @throws RekindleError RK416, RK425 */
export function parseGroup(name: string, text: string): ReadGroup {
  const section = sectionIn(parseLvmText(text), name);
  const devices = devicesOf(section, name);
  const status = listIn(section, 'status');
  for (const word of ['EXPORTED', 'CLUSTERED']) {
    if (status.includes(word)) throw new RekindleError('RK425', `volume group ${name} is ${word.toLowerCase()}`);
  }
  const lockType = section.values.get('lock_type');
  if (lockType !== undefined && lockType !== 'none') {
    throw new RekindleError('RK425', `volume group ${name} is shared (lock type ${String(lockType)})`);
  }
  const extentBytes = numberIn(section, 'extent_size') * sectorBytes;
  const { volumes, exact, notes } = volumesOf(name, section, extentBytes);
  return {
    devices,
    group: {
      id: name,
      uuid: textIn(section, 'id'),
      extentBytes,
      tags: listIn(section, 'tags'),
      volumes,
      exact,
      backup: text,
      notes,
    },
  };
}

function devicesOf(section: LvmSection, name: string): GroupDevice[] {
  return [...sectionIn(section, 'physical_volumes').sections.values()].map((device) => {
    const uuid = textIn(device, 'id');
    if ([...listIn(device, 'flags'), ...listIn(device, 'status')].includes('MISSING')) {
      throw new RekindleError('RK425', `volume group ${name}: its physical volume ${uuid} is missing`);
    }
    return {
      uuid,
      sizeBytes: numberIn(device, 'dev_size') * sectorBytes,
      dataOffsetBytes: numberIn(device, 'pe_start') * sectorBytes,
    };
  });
}
