import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import type { PlanSecret } from '../../restore/plan/step.ts';
import { idle, medium, plan, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

/** The menu on the screen that asks for this secret; `give` takes what was typed, or throws. */
async function asked(secret: PlanSecret, give: (secret: string) => void): Promise<string> {
  const withSecret = { ...plan, secrets: [secret] };
  menu = await MenuOnScreen.open({
    state: idle,
    onCommand: async (command) => {
      if (command.command === 'disks') return { disks: { saved: [savedDisk], here: [target, medium] } };
      if (command.command === 'plan') menu.show({ plan: withSecret });
      if (command.command === 'plan') return { plan: withSecret };
      if (command.command === 'secret') {
        give(command.secret);
        menu.show({ givenSecrets: [command.name] });
      }
      return {};
    },
  });
  await menu.expect(/Restore this machine/);
  menu.press('1');
  await menu.expect(/WD SN770/);
  menu.press('\r');
  return menu.expect(/Passphrase: _/);
}

describe('[C3] the passphrase of a device that is encrypted anew', () => {
  it('is asked for twice before the plan can be started, and never shown', async () => {
    const given: string[] = [];
    const secret = { name: 'luks:disk0:2', title: 'new passphrase for vault (sda2 of the saved machine)' };
    expect(await asked(secret, (text) => given.push(text))).toContain(
      'new passphrase for vault (sda2 of the saved machine)',
    );
    for (const [text, then] of [
      ['one ! ?', /once more: _/],
      ['another', /not the same/],
      ['one ! ?', /once more: _/],
    ] as const) {
      menu.press(text);
      expect(await menu.expect(/\*{7}_/)).not.toContain(text);
      menu.press('\r');
      await menu.expect(then);
    }
    expect(given).toEqual([]);
    menu.press('one ! ?');
    await menu.expect(/once more: \*{7}_/);
    menu.press('\r');
    await menu.expect(/Type the disk's name/);
    expect(given).toEqual(['one ! ?']);
    expect(menu.commands.find(({ command }) => command === 'secret')).toMatchObject({ name: 'luks:disk0:2' });
  });
});

describe('[C10] the passphrase that a restore needs to go on', () => {
  it('is asked for after c, and only the one that is missing; y goes on', async () => {
    const secrets = ['luks:disk0:2', 'luks:disk0:3'].map((name) => ({
      name,
      title: `passphrase of ${name}`,
      opens: '/dev/vda2',
    }));
    menu = await MenuOnScreen.open({
      state: {
        ...idle,
        phase: 'failed',
        plan: { ...plan, secrets },
        failure: { code: 'RK468', message: 'The restore was interrupted.', cause: 'power', hint: 'Press c.' },
        continueAt: 'extract /',
        continueSecrets: ['luks:disk0:3'],
      },
      onCommand: async (command) => {
        if (command.command === 'secret') menu.show({ givenSecrets: [command.name] });
        if (command.command === 'continue')
          throw new RekindleError('RK467', 'the partitions were not all made by then');
        return {};
      },
    });
    await menu.expect(/c goes on with: extract \//);
    menu.press('c');
    const shown = await menu.expect(/Passphrase: _/);
    expect(shown).toMatch(/that\s+was chosen for it then.*passphrase of luks:disk0:3/s);
    expect(shown).not.toContain('without writing');
    menu.press('right !');
    await menu.expect(/Passphrase: \*{7}_/);
    menu.press('\r');
    await menu.expect(/Go on with: extract \/\? y or any other key/);
    expect(menu.commands.map(({ command }) => command)).toEqual(['secret']);
    menu.press('y');
    await menu.expect(/RK467/);
    menu.press('c');
    await menu.expect(/y or any other key/);
    menu.press('n');
    await menu.expect(/c goes on with/);
    expect(menu.commands.map(({ command }) => command)).toEqual(['secret', 'continue']);
  });
});

describe('[C12] the passphrase of a device that stays', () => {
  it('is asked for once, tried at once, and asked for again when it does not open', async () => {
    const secret = { name: 'luks:disk0:2', title: 'passphrase of vault (/dev/vda2)', opens: '/dev/vda2' };
    const shown = await asked(secret, (text) => {
      if (text !== 'right') throw new RekindleError('RK488', '/dev/vda2');
    });
    expect(shown).toMatch(/stays as it is.*passphrase of vault/s);
    menu.press('wrong');
    await menu.expect(/Passphrase: \*{5}_/);
    menu.press('\r');
    expect(await menu.expect(/RK488/)).toMatch(/does not open/);
    menu.press('right');
    await menu.expect(/Passphrase: \*{5}_/);
    menu.press('\r');
    await menu.expect(/Type the disk's name/);
  });
});
