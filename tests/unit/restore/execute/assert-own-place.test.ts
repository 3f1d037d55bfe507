import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ActionContext } from '../../../../restore/execute/action-context.ts';
import { assertOwnPlace } from '../../../../restore/execute/assert-own-place.ts';
import { executeAction } from '../../../../restore/execute/execute-action.ts';
import type { Action } from '../../../../restore/plan/step.ts';
import { targetPaths } from '../../../../restore/plan/target-paths.ts';
import { actionContext } from '../../../fixtures/action-context.ts';
import {
  file,
  leading,
  link,
  machines,
  mountFolders,
  ofThisSystem,
  ordinaryTree,
  planOf,
  unmountFolders,
} from '../../../fixtures/leading-links.ts';
import { makeSmallSet } from '../../../fixtures/small-set.ts';

let work = '';
let context: ActionContext;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-own-place-'));
  const set = await makeSmallSet({ work: join(work, 'set'), trees: [] });
  context = actionContext(await set.open(), work);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));
beforeEach(mountFolders);
afterEach(unmountFolders);

async function carryOut(actions: readonly Action[]): Promise<void> {
  expect(actions).not.toEqual([]);
  for (const action of actions) await executeAction(action, context);
}

describe('[A5] [C7] a link that the set left where a later step works', () => {
  it.each(leading)(
    'stops the restore, and nothing is written through it: $name',
    async ({ prepare, actions, named }) => {
      prepare();
      const before = ofThisSystem();
      const done = carryOut(actions());
      await expect(done).rejects.toMatchObject({ code: 'RK374', reason: expect.stringContaining(named) });
      expect(ofThisSystem()).toEqual(before);
    },
  );

  it('is replaced itself, where what has its name is replaced', async () => {
    file('etc/lvm/devices/system.devices', 'disks');
    link('etc/lvm/devices/system.devices.before-restore', '/mnt/victim');
    link('swap/my file', '/mnt/victim/file');
    const before = ofThisSystem();
    const steps = planOf(machines.rich?.() ?? expect.fail()).steps;
    const actions = steps.flatMap((step) => (/^(swap-file|lvm:devices-file)/.test(step.id) ? step.actions : []));
    // tmpfs has no such flag.
    await carryOut(actions.filter((action) => action.type !== 'run' || action.argv[0] !== 'chattr'));
    expect(ofThisSystem()).toEqual(before);
    expect(lstatSync('/mnt/target/swap/my file').isFile()).toBe(true);
    expect(readFileSync('/mnt/target/etc/lvm/devices/system.devices.before-restore', 'utf8')).toBe('disks');
  });

  it('is not gone into by a copy whose name is a folder', async () => {
    link('boot/efi/EFI/BOOT/BOOTX64.EFI/shimx64.efi', '/mnt/victim/file');
    file('boot/efi/EFI/debian/shimx64.efi');
    const before = ofThisSystem();
    const step = planOf(machines.UEFI?.() ?? expect.fail()).steps.find(({ id }) => id === 'boot:fallback');
    await expect(carryOut(step?.actions ?? [])).rejects.toMatchObject({ code: 'RK003' });
    expect(ofThisSystem()).toEqual(before);
  });
});

describe('[C7] an ordinary machine', () => {
  it.each(Object.entries(machines))('has nothing in the way of any step: %s', (_, layout) => {
    ordinaryTree();
    const actions = planOf(layout()).steps.flatMap((step) => step.actions);
    const paths = actions.flatMap(targetPaths);
    expect(paths.length).toBeGreaterThan(8);
    for (const action of actions) assertOwnPlace(action);
  });

  it('has links in places that only a chroot passes', () => {
    symlinkSync('/mnt/victim', '/mnt/target/x');
    assertOwnPlace({ type: 'run', argv: ['chroot', '/mnt/target', 'ls', '/mnt/target/x/y'] });
    assertOwnPlace({ type: 'run', argv: ['ls', '/elsewhere/mnt/target/x/y'] });
  });

  it('is not there yet', () => {
    unmountFolders();
    try {
      assertOwnPlace({ type: 'mkdir', path: '/mnt/target/nothing/here', mode: 0o755 });
    } finally {
      mountFolders();
    }
  });
});
