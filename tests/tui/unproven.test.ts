import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { plan, restoring, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

const state: EngineState = {
  ...restoring,
  phase: 'failed',
  progress: null,
  plan,
  failure: { code: 'RK490', message: 'Nothing proves it.', cause: 'it had come to: extract /', hint: 'Press r.' },
  continueAt: 'extract /: 9.1 GB, 214,337 files',
  unproven: { at: '2026-11-21T03:04:05.678Z', locked: false },
};

describe('[C10] a restore that only a disk remembers', () => {
  it('is shown with set, disk and time, and goes on only when the name of the disk is typed', async () => {
    menu = await MenuOnScreen.open({
      state,
      onCommand: async (command) => {
        if (command.command !== 'continue') return {};
        if (command.confirm !== 'vda') throw new RekindleError('RK455', `typed "${command.confirm}", the disk is vda`);
        menu.show({ phase: 'restoring', failure: null, progress: restoring.progress });
        return {};
      },
    });
    const screen = await menu.expect(/c goes on with: extract/);
    expect(screen).toContain('RK490');
    expect(screen).toContain('Set:  web01.example.org, made 2026-11-20 02:00');
    expect(screen).toMatch(new RegExp(`^ +${plan.set}$`, 'm'));
    expect(screen).toMatch(/Disk: vda \(WD SN770, 1\.00 TB, serial 2303A8\)/);
    expect(screen).toContain('Time: 2026-11-21T03:04:05.678Z, as the disk says');
    await menu.press('c');
    await menu.expect(/Type "vda" and Enter to go on: _/);
    // Neither y nor Enter alone, nor another name.
    await menu.press('\r');
    await menu.press('y');
    await menu.expect(/go on: y_/);
    await menu.press('\r');
    await menu.expect(/RK455/);
    expect(menu.commands).toMatchObject([{ command: 'continue', confirm: 'y' }]);
    await menu.press('c');
    await menu.expect(/Type "vda"/);
    for (const key of 'vda') await menu.press(key);
    await menu.expect(/go on: vda_/);
    await menu.press('\r');
    await menu.expect(/Restoring web01/);
  });

  it('asks for the key of the backup first, where only that can prove it', async () => {
    menu = await MenuOnScreen.open({
      state: { ...state, locked: true, unproven: { at: '2026-11-21T03:04:05Z', locked: true } },
    });
    expect(await menu.expect(/shows once the backup is unlocked/)).not.toContain('as the disk says');
    await menu.press('c');
    await menu.expect(/Unlock the backup/);
    expect(menu.commands).toEqual([]);
  });

  it('shows names of a disk that would move the cursor as text', async () => {
    const disk = { ...target, model: 'evil\u001b[2Jdisk', serial: 'a\u202eb' };
    menu = await MenuOnScreen.open({ state: { ...state, plan: { ...plan, targets: [{ source: 'disk0', disk }] } } });
    expect(await menu.expect(/Disk: vda/)).toContain('evil\\x1b[2Jdisk');
  });
});
