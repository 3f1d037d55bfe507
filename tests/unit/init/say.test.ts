import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { flushLog, logFile, note, sayReport } from '../../../init/say.ts';
import { log } from '../../../init/stage2/log.ts';

it("keeps PID 1's log such that a name from a medium neither steers a terminal nor makes up an entry", () => {
  mkdirSync(dirname(logFile), { recursive: true });
  const nasty = 'web01\x1b[2J\n12:00:00.000 init: restored\x9b1A';
  note(`machine ${nasty}`);
  sayReport({ code: 'RK109', message: 'What.', cause: nasty, hint: 'Do it.' });
  flushLog();
  log(`service ${nasty}`);
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  expect(lines.join('')).toMatch(/^[ -~]*$/);
  expect(lines.filter((line) => line.includes('machine web01\\x1b[2J'))).toHaveLength(1);
  expect(lines.filter((line) => /^\S+ init: .*restored/.test(line))).toEqual([
    expect.stringMatching(/init: +\| 12:00:00.000 init: restored\\x9b1A$/),
  ]);
  expect(lines.filter((line) => /^ +\| 12:00:00.000 init: restored/.test(line))).toHaveLength(2);
});
