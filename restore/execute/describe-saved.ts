import { formatBytes } from '../../common/format.ts';
import { describeNotes as describeArchiveNotes } from '../archive/note-kinds.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import { isContainer } from '../layout/content.ts';
import { disksBelow } from '../layout/graph.ts';
import type { Layout, LayoutDisk } from '../layout/schema.ts';
import { summarizeProof } from '../proof/proof-schema.ts';
import { type DisksAnswer, type EngineState, withoutFiles } from './protocol.ts';

/** A saved disk for people: what was on it. */
function describeSaved(layout: Layout, disk: LayoutDisk): DisksAnswer['saved'][number] {
  const nodes = layout.nodes.filter(
    (node) =>
      disksBelow(layout, node).includes(disk.id) &&
      !(node.content !== null && isContainer(node.content)) &&
      (node.content !== null || node.notSaved !== undefined),
  );
  return {
    id: disk.id,
    name: disk.name,
    model: disk.model,
    serial: disk.serial,
    sizeBytes: disk.sizeBytes,
    contents: nodes.map((node) => {
      const where = node.mount ? ` ${node.mount.at}` : '';
      const content = node.content?.kind === 'raw' ? node.content.words : node.content?.kind;
      return `${content ?? node.notSaved}${where} ${formatBytes(node.sizeBytes)}`;
    }),
  };
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
  return (manifest?.archives ?? []).flatMap((archive) => describeArchiveNotes(archive, 'restored'));
}

/** The saved disks beside those of this machine. */
export function describeDisks(layout: Layout | null, here: DisksAnswer['here']): DisksAnswer {
  return { saved: layout ? layout.disks.map((disk) => describeSaved(layout, disk)) : [], here };
}

/** How a restore ended, for the log. */
export function describeEnd({ lost, proof, skipped }: EngineState): string {
  const left = skipped.map(({ title }) => title);
  const how = left.length === 0 ? 'every step ended well' : `but what was left out with consent (${left.join('; ')})`;
  return `restored${lost ? ` ${withoutFiles(lost.files)}` : ''}: ${how}; ${summarizeProof(proof)}`;
}
