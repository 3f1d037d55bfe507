import { runs } from '../layout/layer.ts';
import type { Layout } from '../layout/schema.ts';
import type { Place } from '../plan/fill.ts';
import type { Action, Step } from '../plan/step.ts';
import type { BootPlanInput } from './boot-plan-input.ts';
import { espPartition } from './esp.ts';
import { loaderOf } from './fallback.ts';
import type { Here } from './firmware.ts';
import type { BootEntry } from './nvram.ts';

/**
 * Boot entries in the firmware as the saved machine had them, one for its boot loader where it had none: created where
 * absent, in order, before all others.
 * One with the same label whose partition is gone (the dead disk's) is deleted, so that none is there twice.
 */
export function bootEntryStep(input: BootPlanInput, here: Here, esp: Place): Step | null {
  const { layout, diskOf, partitionIdOf } = input;
  const partition = espPartition(layout, esp.node);
  const disk = partition === null ? undefined : diskOf(partition.disk);
  const partitionId = partition === null ? undefined : partitionIdOf(partition.node)?.toLowerCase();
  const wanted = wantedEntries(layout);
  if (partition === null || disk === undefined || partitionId === undefined || wanted.length === 0) return null;
  const kept = here.bootEntries.filter((entry) =>
    wanted.some((want) => isSame(entry, want, partitionId) && entry.ordered),
  );
  const alive = new Set(here.partitionIds.filter(({ disk: on }) => on !== disk.path).map(({ id }) => id));
  const stale = here.bootEntries.filter(
    (entry) =>
      !kept.includes(entry) &&
      wanted.some(({ label }) => label === entry.label) &&
      (entry.partition === partitionId || (entry.partition !== null && !alive.has(entry.partition))),
  );
  const missing = wanted.filter((want) => !kept.some((entry) => isSame(entry, want, partitionId)));
  const actions: Action[] = [
    ...stale.map(({ number }) => runs(['efibootmgr', '--quiet', '--bootnum', number, '--delete-bootnum'])),
    // Each new entry comes first in BootOrder, so the saved first one is created last.
    ...missing
      .toReversed()
      .map(({ label, loader }) =>
        runs([
          ...(['efibootmgr', '--quiet', '--create', '--disk', disk.path, '--part', `${partition.number}`] as const),
          ...['--label', label, '--loader', loader],
        ]),
      ),
  ];
  if (actions.length === 0) return null;
  // 32: somebody mounted it already.
  const mount = runs(['mount', '-t', 'efivarfs', 'efivarfs', '/sys/firmware/efi/efivars'], [0, 32]);
  return {
    id: 'boot:entry',
    title: `write the firmware's boot entry: ${wanted.map(({ label }) => label).join(', ')}`,
    target: 'firmware',
    destroys: stale.length === 0 ? null : `old boot entries ${stale.map(({ number }) => number).join(', ')}`,
    actions: [mount, ...actions],
    weightBytes: 0,
  };
}

/** With no entry the firmware may start anything else that it has one for, its own shell even. */
function wantedEntries(layout: Layout): Layout['boot']['efiEntries'] {
  if (layout.boot.efiEntries.length > 0) return layout.boot.efiEntries;
  const file = loaderOf(layout);
  if (file === undefined) return [];
  const vendor = file.split('/').at(-2) ?? '';
  const label = /^(boot)?$/i.test(vendor) ? layout.machine.hostname : vendor;
  return [{ label, loader: `\\${file.replaceAll('/', '\\')}` }];
}

function isSame(entry: BootEntry, want: { label: string; loader: string }, partitionId: string): boolean {
  return (
    entry.label === want.label &&
    entry.partition === partitionId &&
    entry.loader?.toLowerCase() === want.loader.toLowerCase()
  );
}
