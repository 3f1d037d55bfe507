import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { log, newestLines, openLog } from '../../../../restore/execute/log.ts';

it('keeps a log that can be read with cat, in which nobody else makes up an entry', () => {
  const work = mkdtempSync(join(tmpdir(), 'log-'));
  openLog(join(work, 'log'), () => undefined);
  log('set of web01\x1b]0;x\x07\n23:59:59 the restore ended well\u202e');
  const lines = readFileSync(join(work, 'log'), 'utf8').trimEnd().split('\n');
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d set of web01\\x1b\]0;x\\x07$/);
  expect(lines.slice(1)).toEqual(['       | 23:59:59 the restore ended well\\u202e']);
  expect(newestLines().slice(-2)).toEqual(lines);
  for (let turn = 0; turn < 150; turn += 1) log(`a\nb${turn}`);
  expect(newestLines()).toHaveLength(200);
  rmSync(work, { recursive: true });
});
