import { formatBytes } from '../../common/format.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import type { Layout, LayoutDisk } from '../layout/schema.ts';
import type { DisksAnswer, EngineState } from './protocol.ts';

/** A saved disk for people: what was on it. */
function describeSaved(layout: Layout, disk: LayoutDisk): DisksAnswer['saved'][number] {
  const nodes = layout.nodes.filter(
    (node) => node.disk === disk.id && (node.content !== null || node.notSaved !== undefined),
  );
  return {
    id: disk.id,
    name: disk.name,
    model: disk.model,
    serial: disk.serial,
    sizeBytes: disk.sizeBytes,
    contents: nodes.map((node) => {
      const where = node.mount ? ` ${node.mount.at}` : '';
      return `${node.content?.kind ?? node.notSaved}${where} ${formatBytes(node.sizeBytes)}`;
    }),
  };
}

/** The disks of the saved machine. */
export function describeDisks(layout: Layout | null): DisksAnswer['saved'] {
  return layout === null ? [] : layout.disks.map((disk) => describeSaved(layout, disk));
}

/** A set for people: the heading of every screen. */
export function describeSet(
  { info, manifest, layout }: RecoverySet,
  signature: NonNullable<EngineState['set']>['signature'],
): NonNullable<EngineState['set']> {
  return {
    uuid: info.set,
    createdAt: info.createdAt,
    machine: info.machine,
    sizeBytes: (manifest?.archives ?? []).reduce((sum, { size }) => sum + size, 0),
    diskCount: layout?.disks.length ?? 0,
    hasBackup: manifest !== null,
    signature,
  };
}

/** What a person should know of the files, although every step ended well. */
export function describeNotes({ manifest }: RecoverySet): string[] {
  return (manifest?.archives ?? []).flatMap(({ mountPoint, notes }) =>
    notes > 0 ? [`${mountPoint}: ${notes} files changed while they were saved, or are sockets`] : [],
  );
}
