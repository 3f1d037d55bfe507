import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readTarMessages, sortTarMessages } from '../../../../restore/archive/tar-messages.ts';

const sorted = (lines: readonly string[]) => sortTarMessages(lines.map((line) => `tar: ${line}\n`).join(''));

// As GNU tar 1.34 wrote them, of what an unprivileged user did.
describe("tar's messages", () => {
  it.each([
    ['./d3: Cannot stat: No such file or directory', './d3: not saved: No such file or directory'],
    ['./d3/q/m: Cannot open: No such file or directory', './d3/q/m: not saved: No such file or directory'],
    ['./d3: Cannot open: Not a directory', './d3: not saved: Not a directory'],
    ['./f: Cannot open: Resource temporarily unavailable', './f: not saved: Resource temporarily unavailable'],
    ['./f: Cannot open: Required key not available', './f: not saved: Required key not available'],
    ['./l: Cannot readlink: Invalid argument', './l: not saved: Invalid argument'],
  ])('[B10] of what could not be read: %s', (line, note) => {
    expect(sorted([line])).toEqual({ notes: [note], counts: { unsaved: 1 }, leftOut: 1, missed: 1, errors: [] });
  });

  it('of what never can be read: the next incremental archive misses nothing', () => {
    const note = './d/d: not saved: File name too long';
    expect(sorted(['./d/d: Cannot open: File name too long'])).toEqual({
      notes: [note],
      counts: { unsaved: 1 },
      leftOut: 1,
      missed: 0,
      errors: [],
    });
  });

  it('of attributes that tar could not get', () => {
    expect(sorted(['f: Warning: Cannot llistxattrat: Argument list too long'])).toEqual({
      notes: ['f: saved without some of its attributes: Argument list too long'],
      counts: { attributes: 1 },
      leftOut: 1,
      missed: 0,
      errors: [],
    });
  });

  it.each([
    ['./d3/n: File removed before we read it', { deleted: 1 }],
    ['./f: File shrank by 489990 bytes; padding with zeros', { changed: 1 }],
    ['./f: File shrank by 1 byte; padding with zeros', { changed: 1 }],
    ['./f: file changed as we read it', { changed: 1 }],
    ['./s: socket ignored', { sockets: 1 }],
    ['./d: door ignored', { sockets: 1 }],
    ['./w: Unknown file type; file ignored', { unsaved: 1 }],
  ])('of what is saved as it is now: %s', (line, counts) => {
    expect(sorted([line, 'Exiting with failure status due to previous errors'])).toEqual({
      notes: [line],
      counts,
      leftOut: 0,
      missed: 0,
      errors: [],
    });
  });

  it.each([
    './d3: Cannot open: Permission denied',
    './d3: Cannot stat: Input/output error',
    './d3: Warning: Cannot llistxattrat: Input/output error',
    '.: Cannot stat: No such file or directory',
    './: Cannot open: Not a directory',
    './f: Read error at byte 0, while reading 512 bytes: Input/output error',
    './socket ignored: Cannot open: Input/output error',
    'memory exhausted',
  ])('about anything else are errors: %s', (line) => {
    expect(sorted([line])).toEqual({ notes: [], counts: {}, leftOut: 0, missed: 0, errors: [line] });
  });

  it('are sorted while they come, in any pieces', async () => {
    const stream = new PassThrough();
    const words = readTarMessages(stream);
    const text =
      'tar: ./a: socket ignored\ntar: ./b: Cannot open: Not a directory\ntar: ./c: Cannot open: Input/output error';
    for (const letter of text) stream.write(letter);
    stream.end();
    await new Promise((resolve) => stream.on('end', resolve));
    expect(words.sorted()).toEqual({
      notes: ['./a: socket ignored', './b: not saved: Not a directory'],
      counts: { sockets: 1, unsaved: 1 },
      leftOut: 1,
      missed: 1,
      errors: ['./c: Cannot open: Input/output error'],
    });
  });

  it('take no more memory than a screenful of books: many lines are counted, a long path loses its middle', () => {
    const long = sorted([`./${'x'.repeat(1 << 20)}: Cannot open: File name too long`]).notes[0] ?? '';
    expect(long.length).toBeLessThan(10_000);
    expect(long).toMatch(/^\.\/x+\.\.\.x+: not saved: File name too long$/);
    const { notes, leftOut, counts } = sorted(
      Array.from({ length: 30_000 }, (_, at) => `./${at}: Cannot open: Not a directory`),
    );
    expect(leftOut).toBe(30_000);
    expect(counts).toEqual({ unsaved: 30_000 });
    expect(notes).toHaveLength(20_001);
    expect(notes.at(-1)).toBe('and 10,000 more');
  });
});
