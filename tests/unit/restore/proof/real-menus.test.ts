import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootMenu } from '../../../../restore/proof/checks/boot-menu.ts';
import { readTarget } from '../../../../restore/proof/read/target.ts';
import { rootId } from './families.ts';
import { realMenus } from './real-menus.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-real-menus-'));
});
afterEach(() => rmSync(work, { recursive: true }));

describe('[C11] the menus of distributions', () => {
  it.each(realMenus)('$name: is proven, by the entry that starts', async ({ make, files, kernel, initrds }) => {
    const subject = make(work, files);
    const target = readTarget(subject);
    expect(target).toMatchObject({ kernel, initrds, unsure: null });
    const root = target.options?.find((option) => option.startsWith('root='));
    expect(root === `root=UUID=${rootId}` || root === 'root=/dev/mapper/pve-root').toBe(true);
    expect(await bootMenu.run(subject)).toMatchObject({ result: 'pass', hint: null });
  });

  it.each(realMenus)('$name: is not proven without its kernel, though others are there', async (real) => {
    const files = Object.fromEntries(Object.entries(real.files).filter(([path]) => `/${path}` !== real.kernel));
    const subject = real.make(work, files);
    expect(await bootMenu.run(subject)).toMatchObject({ result: 'fail' });
  });
});
