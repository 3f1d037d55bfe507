import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import type { Command } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import { idle, medium, plan, restoring, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

async function answer(command: Command): Promise<Answer> {
  if (command.command === 'disks') return { disks: { saved: [savedDisk], here: [target, medium] } };
  if (command.command !== 'plan') return {};
  menu.show({ plan });
  return { plan };
}

describe('[B11] an encrypted backup', () => {
  it('is unlocked before it can be restored; what is typed is not shown', async () => {
    const secrets: string[] = [];
    menu = await MenuOnScreen.open({
      state: { ...idle, locked: true },
      onCommand: async (command) => {
        if (command.command !== 'unlock') return {};
        secrets.push(command.secret);
        if (command.secret !== 'open ! sesame?') throw new RekindleError('RK320', 'it opens nothing');
        menu.show({ ...idle, locked: false });
        return {};
      },
    });
    expect(await menu.expect(/1 {2}Unlock the backup/)).not.toContain('Restore this machine');
    menu.press('1');
    await menu.expect(/Passphrase: _/);
    menu.press('wrong');
    expect(await menu.expect(/Passphrase: \*{5}_/)).not.toContain('wrong');
    menu.press('\r');
    await menu.expect(/RK320/);
    menu.press('open ! sesame?');
    await menu.expect(/Passphrase: \*{14}_/);
    menu.press('\r');
    await menu.expect(/Restore this machine/);
    expect(secrets).toEqual(['wrong', 'open ! sesame?']);
  });
});

describe('[B3] a volume that is wanted', () => {
  it('is asked for by number, with what was found instead; giving up is asked twice', async () => {
    let skipped = 0;
    menu = await MenuOnScreen.open({
      state: { ...restoring, wanted: { what: 'volume 2 of 3', volume: 2, seen: ['sr0 holds volume 1 of this set'] } },
      onCommand: async (command) => {
        if (command.command === 'skip-volume') skipped = command.volume;
        return {};
      },
    });
    expect(await menu.expect(/Put in volume 2 of 3/)).toContain('sr0 holds volume 1 of this set');
    menu.press('s');
    await menu.expect(/Sure\?/);
    menu.press('x');
    await menu.expect(/Put in volume 2 of 3(?!(.|\n)*Sure)/);
    menu.press('s');
    await menu.expect(/Sure\?/);
    menu.press('y');
    for (let waited = 0; skipped === 0 && waited < 50; waited += 1) await new Promise((done) => setTimeout(done, 20));
    expect(skipped).toBe(2);
  });

  it('that is not here makes the restore ask for a second word', async () => {
    menu = await MenuOnScreen.open({ state: { ...idle, unverified: ['volume 2', 'volume 3'] }, onCommand: answer });
    await menu.expect(/Restore this machine/);
    menu.press('1');
    await menu.expect(/1 vda/);
    menu.press('1');
    const screen = await menu.expect(/"vda unverified"/);
    expect(screen).toContain('volume 2, volume 3 is not here');
  });
});
