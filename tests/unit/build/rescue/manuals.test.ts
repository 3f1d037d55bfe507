import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { manuals } from '../../../../build/rescue/manuals.ts';
import { rescueFiles } from '../../../../build/rescue/overlay.ts';

const root = join(import.meta.dirname, '../../../..');

it('[E7] what a screen or a shell of the medium says to read is on the medium', async () => {
  const there = await manuals();
  const screens = globSync('tui/**/*.tsx', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
  const texts = [...screens, ...Object.values(rescueFiles).map(({ content }) => content)].join('\n');
  const named = [...texts.matchAll(/([\w-]+\.md)\b/g)].map(([, name]) => `/usr/share/doc/rekindle/${name}`);
  expect(new Set(named).size).toBeGreaterThan(1);
  for (const path of named) expect(there.get(path)?.length ?? 0, path).toBeGreaterThan(1000);
  expect(texts).not.toMatch(/\bdocs\//);
});
