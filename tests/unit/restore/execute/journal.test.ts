import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interruptedStep, Journal, readJournal } from '../../../../restore/execute/journal.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the journal', () => {
  it('keeps what was begun and done, and forgives a last line that a crash cut short', () => {
    const journal = new Journal(join(directory, 'a'));
    journal.write('digest', 'table:disk0', 'begin');
    journal.write('digest', 'table:disk0', 'done');
    journal.write('digest', 'extract:disk0:1', 'begin');
    appendFileSync(journal.path, '{"at":"2026-');
    const entries = readJournal(journal.path);
    expect(entries.map(({ step, state }) => `${step} ${state}`)).toEqual([
      'table:disk0 begin',
      'table:disk0 done',
      'extract:disk0:1 begin',
    ]);
    expect(interruptedStep(entries)).toBe('extract:disk0:1');
  });

  it('knows a restore that ended, and one that never began', () => {
    const journal = new Journal(join(directory, 'b'));
    expect(interruptedStep(readJournal(journal.path))).toBeNull();
    journal.write('digest', 'restore', 'done');
    expect(interruptedStep(readJournal(journal.path))).toBeNull();
    journal.write('digest', 'wipe:disk0', 'begin');
    journal.write('digest', 'wipe:disk0', 'failed');
    expect(interruptedStep(readJournal(journal.path))).toBeNull();
  });
});
