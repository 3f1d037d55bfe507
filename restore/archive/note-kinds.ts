import { formatCount } from '../../common/format.ts';
import { archiveTitle } from './archive-title.ts';
import type { NoteCounts } from './note-counts.ts';
import type { Archive } from './set-schema.ts';

export type NoteKind = keyof NoteCounts;

interface Words {
  one: string;
  many: string;
  /** What to do about them while saving, and once they are restored; '' where there is nothing. */
  saving: string;
  restored: string;
}

const another = '"rekindle list" names them: look for them in another backup';

const words: Record<NoteKind, Words> = {
  changed: {
    one: 'file changed while it was read',
    many: 'files changed while they were read',
    saving: 'what writes them can be stopped with hooks',
    restored: 'check what was writing then, databases first',
  },
  deleted: {
    one: 'file was deleted before it was read',
    many: 'files were deleted before they were read',
    saving: '',
    restored: '',
  },
  sockets: {
    one: 'socket is not saved',
    many: 'sockets are not saved',
    saving: 'the programs that listen there make them anew',
    restored: 'the programs that listen there make them anew',
  },
  unsaved: { one: 'file is not saved', many: 'files are not saved', saving: '', restored: another },
  attributes: {
    one: 'file is saved without some of its attributes',
    many: 'files are saved without some of their attributes',
    saving: '',
    restored: '"rekindle list" names them',
  },
  others: {
    one: 'folder is another file system, and not saved',
    many: 'folders are other file systems, and not saved',
    saving: '',
    restored: another,
  },
};

/** Kinds that a restore brings back less for. */
export const lossKinds = ['unsaved', 'others', 'attributes'] as const satisfies NoteKind[];
/** Kinds that show how a machine that runs looks. */
export const usualKinds = ['changed', 'deleted', 'sockets'] as const satisfies NoteKind[];

export const noteKinds: readonly NoteKind[] = [...lossKinds, ...usualKinds];

/** Both together. */
export function addCounts(one: NoteCounts, other: NoteCounts): NoteCounts {
  return Object.fromEntries(
    noteKinds.flatMap((kind) => {
      const sum = (one[kind] ?? 0) + (other[kind] ?? 0);
      return sum === 0 ? [] : [[kind, sum]];
    }),
  );
}

/** '16 sockets are not saved: the programs that listen there make them anew', one sentence a kind. */
export function describeCounts(
  counts: NoteCounts,
  kinds: readonly NoteKind[] = noteKinds,
  when: 'saving' | 'restored' = 'saving',
): string[] {
  return kinds.flatMap((kind) => {
    const number = counts[kind];
    if (number === undefined) return [];
    const { one, many, [when]: next } = words[kind];
    return [`${formatCount(number)} ${number === 1 ? one : many}${next === '' ? '' : `: ${next}`}`];
  });
}

/** What a person should know of an archive's files, each kind under its own words, with the mount point. */
export function describeNotes(archive: Archive, when: 'saving' | 'restored' = 'saving'): string[] {
  const { notes, leftOut = 0, noteCounts } = archive;
  const title = archiveTitle(archive);
  if (noteCounts !== undefined) return describeCounts(noteCounts, noteKinds, when).map((text) => `${title}: ${text}`);
  if (notes === 0) return [];
  // Of versions that counted them together.
  const lost = leftOut > 0 ? 'files that are not saved or not with all attributes, ' : '';
  return [`${title}: ${formatCount(notes)} notes: ${lost}files that changed while they were read, sockets`];
}

/** Whether the index names files that a restore brings back less of. */
export function losesSome({ leftOut = 0, noteCounts = {} }: Pick<Archive, 'leftOut' | 'noteCounts'>): boolean {
  return leftOut > 0 || lossKinds.some((kind) => noteCounts[kind] !== undefined);
}
