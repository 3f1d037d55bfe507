import { describe, expect, it } from 'vitest';
import { addCounts, describeCounts, describeNotes, losesSome } from '../../../../restore/archive/note-kinds.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';

const file = { path: 'a', size: 1, sha256: 'ab'.repeat(32) };
const archive: Archive = {
  name: '001-root',
  parts: [{ ...file, volume: 1 }],
  size: 1,
  index: file,
  frames: 1,
  mountPoint: '/srv',
  node: 'disk0:1',
  tarSize: 1,
  members: 1,
  attributes: 0,
  notes: 0,
};

describe('notes of an archive', () => {
  it('are counted under their own words, those that lose most first', () => {
    expect(describeNotes({ ...archive, notes: 20, noteCounts: { sockets: 16, changed: 1, unsaved: 3 } })).toEqual([
      '/srv: 3 files are not saved',
      '/srv: 1 file changed while it was read: what writes them can be stopped with hooks',
      '/srv: 16 sockets are not saved: the programs that listen there make them anew',
    ]);
    expect(describeCounts({ attributes: 1, deleted: 2, others: 1 })).toEqual([
      '1 folder is another file system, and not saved',
      '1 file is saved without some of its attributes',
      '2 files were deleted before they were read',
    ]);
    expect(describeNotes(archive)).toEqual([]);
  });

  it('say after a restore what to do then', () => {
    const restored = describeNotes({ ...archive, notes: 4, noteCounts: { changed: 1, unsaved: 3 } }, 'restored');
    expect(restored).toEqual([
      '/srv: 3 files are not saved: "rekindle list" names them: look for them in another backup',
      '/srv: 1 file changed while it was read: check what was writing then, databases first',
    ]);
  });

  it('of a version that counted them together claim nothing that it did not say', () => {
    expect(describeNotes({ ...archive, notes: 1000 })).toEqual([
      '/srv: 1,000 notes: files that changed while they were read, sockets',
    ]);
    expect(describeNotes({ ...archive, notes: 5, leftOut: 2 })[0]).toContain('not saved or not with all attributes');
  });

  it('add up, and say whether anything is lost', () => {
    expect(addCounts({ sockets: 1, unsaved: 2 }, { unsaved: 3, changed: 1 })).toEqual({
      ...{ unsaved: 5, changed: 1, sockets: 1 },
    });
    expect(losesSome({ noteCounts: { sockets: 1, changed: 1, deleted: 3 } })).toBe(false);
    expect(losesSome({ noteCounts: { attributes: 1 } })).toBe(true);
    expect(losesSome({ leftOut: 1 })).toBe(true);
  });
});
