import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const members = 300_000;
/** Node itself takes 85 MB of it; the unpacked text alone would be 38 MB, as objects 150. */
const peakLimit = 250e6;
let work = '';
let file = '';
let built: Record<string, unknown> = {};

/** In a process of its own, whose peak memory it gives. */
async function child(...words: string[]): Promise<Record<string, unknown>> {
  const script = join(import.meta.dirname, '../../../../fixtures/index-child.ts');
  const argv = ['--disable-warning=ExperimentalWarning', script, ...words];
  return JSON.parse((await promisify(execFile)(process.execPath, argv)).stdout);
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'index-memory-'));
  file = join(work, 'x.idx');
  built = await child('build', file, String(members));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe(`an index of ${members} files`, () => {
  it('[B7] is built in little memory, 50 bytes a file at most', () => {
    expect(built.peakBytes).toBeLessThan(peakLimit);
    expect(statSync(file).size).toBe(built.size);
    expect(statSync(file).size).toBeLessThan(members * 50);
  });

  it('[C13] is searched in little memory', async () => {
    const one = await child('find', file, 'srv/mail/user-0123');
    expect(one.found).toBe(1000);
    expect(one.peakBytes).toBeLessThan(peakLimit);
    const all = await child('find', file, '/');
    expect(all.found).toBe(members);
    expect(all.peakBytes).toBeLessThan(peakLimit);
  });
});
