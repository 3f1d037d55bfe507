import { afterEach, describe, expect, it } from 'vitest';
import { restoring } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

const failure = { code: 'RK306', message: 'The medium cannot be read.', cause: 'sr0 is empty', hint: 'Put it back.' };

describe('[C10] a restore that stopped', () => {
  it('offers to go on where it stopped; only c and then y does', async () => {
    menu = await MenuOnScreen.open({
      state: { ...restoring, phase: 'failed', failure, continueAt: 'extract /: 9.1 GB, 214,337 files' },
      onCommand: async (command) => {
        if (command.command === 'continue') menu.show({ phase: 'restoring', failure: null });
        return {};
      },
    });
    expect(await menu.expect(/c goes on with: extract \/: 9\.1 GB/)).toContain('RK306');
    await menu.press('\r');
    await menu.press('y');
    await menu.press('c');
    await menu.expect(/Go on with: extract .*\? y or any other key/);
    await menu.press('\r');
    await menu.expect(/c goes on with/);
    expect(menu.commands).toEqual([]);
    await menu.press('c');
    await menu.expect(/y or any other key/);
    await menu.press('y');
    await menu.expect(/Restoring web01/);
    expect(menu.commands.map(({ command }) => command)).toEqual(['continue']);
  });

  it('before the partitions were made is only offered from the beginning', async () => {
    menu = await MenuOnScreen.open({ state: { ...restoring, phase: 'failed', failure } });
    expect(await menu.expect(/r from the beginning/)).not.toContain('c continue');
    await menu.press('c');
    await menu.press('y');
    expect(menu.commands).toEqual([]);
  });
});
