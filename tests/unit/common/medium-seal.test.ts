import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSeal } from '../../../common/medium-seal.ts';
import { run } from '../../../common/run.ts';

const seal = { rdBase: { size: 4096, sha256: 'ab'.repeat(32) }, journalKey: 'cd'.repeat(32) };
let work = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'seal-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function written(content: unknown): string {
  const file = join(work, 'seal.json');
  rmSync(file, { recursive: true, force: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('the seal', () => {
  it('is read as it was written; where there is none there is null', async () => {
    expect(await readSeal(written(seal))).toEqual(seal);
    expect(await readSeal(join(work, 'nowhere/seal.json'))).toBeNull();
  });

  it.each([
    ['cut', JSON.stringify(seal).slice(0, -20)],
    ['empty', ''],
    ['without a key', { rdBase: seal.rdBase }],
    ['with a short digest', { ...seal, rdBase: { size: 4096, sha256: 'ab' } }],
    ['with a size of 0', { ...seal, rdBase: { ...seal.rdBase, size: 0 } }],
    ['with a size beyond numbers', { ...seal, rdBase: { ...seal.rdBase, size: 2 ** 60 } }],
    ['with something more', { ...seal, more: 1 }],
    ['larger than any seal', `${JSON.stringify(seal)}${' '.repeat(5000)}`],
  ])('that is %s is damaged (RK113), and its key is not said', async (_what, content) => {
    const failure = await readSeal(written(content)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'RK113', reason: expect.not.stringContaining('cdcd') });
  });

  it('is a file and nothing else: a FIFO, a folder, a link are RK113, at once', async () => {
    const file = written(seal);
    const link = join(work, 'link');
    symlinkSync(file, link);
    await expect(readSeal(link)).rejects.toMatchObject({ code: 'RK113' });
    const fifo = join(work, 'fifo');
    await run(['mkfifo', fifo]);
    await expect(readSeal(fifo)).rejects.toMatchObject({ code: 'RK113' });
    mkdirSync(join(work, 'folder'));
    await expect(readSeal(join(work, 'folder'))).rejects.toMatchObject({ code: 'RK113' });
  });
});
