import { RekindleError } from '../../common/errors/error.ts';
import { probeHere } from '../bootloader/firmware.ts';
import { listTargetDisks } from '../plan/disks.ts';
import { planRestore } from '../plan/plan.ts';
import { loadFrom } from '../plan/resize/claims.ts';
import type { Plan, Sizes, TargetDisk } from '../plan/step.ts';
import { findMediumDevices } from './medium.ts';
import type { OpenedChain } from './opened-chain.ts';

/** The disks of this machine; those that the backup is read from cannot be chosen. */
export async function listDisksFor(opened: OpenedChain | null, medium: string): Promise<TargetDisk[]> {
  const set = opened?.set;
  const manifests = (opened?.sets ?? []).flatMap((each) => each.set.manifest ?? []);
  const mediumDevices = await findMediumDevices([medium, ...(opened?.directories ?? [])]);
  return listTargetDisks({
    mediumDevices,
    ...(set?.layout ? { layout: set.layout, loadOf: loadFrom(manifests) } : {}),
    ...(set ? { set: set.info.set } : {}),
  });
}

/** Plans onto the named disks. Nothing is written. @throws RekindleError RK403, RK404; as planRestore */
export async function planOnto(
  { set, sets }: OpenedChain,
  here: readonly TargetDisk[],
  targets: readonly { source: string; disk: string }[],
  sizes: Sizes,
): Promise<Plan> {
  if (!set.layout) throw new RekindleError('RK403', `set ${set.info.set} of ${set.info.machine.hostname}`);
  const chosen = targets.map(({ source, disk }) => {
    const found = here.find(({ path, name }) => path === disk || name === disk);
    if (!found) throw new RekindleError('RK404', `${disk} is not in this machine`);
    return { source, disk: found };
  });
  return planRestore({
    set: set.info,
    manifest: set.manifest,
    layout: set.layout,
    bases: sets.slice(1).map((base) => base.set),
    targets: chosen,
    here: await probeHere(),
    sizes,
  });
}
