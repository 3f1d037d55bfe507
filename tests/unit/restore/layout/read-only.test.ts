import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { lookOptions, whileReadOnly } from '../../../../restore/layout/read-only.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'read-only-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each(['ext2', 'ext3', 'ext4'])('[C10] looks at %s, and not a bit of it changes', async (type) => {
  const image = join(directory, type);
  await run(['truncate', '--size', '16M', image]);
  await run(['mke2fs', '-q', '-t', type, image]);
  const digest = (): string => createHash('sha256').update(readFileSync(image)).digest('hex');
  const before = digest();
  const seen = await whileReadOnly(image, type, `loop,${lookOptions[type]}`, async (at) => readdirSync(at));
  expect(seen).toEqual(['lost+found']);
  expect(digest()).toBe(before);
});
