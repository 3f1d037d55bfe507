import { afterEach, describe, expect, it } from 'vitest';
import { idle, medium, plan, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

const letters = [...'abcdefghijklmnopqrst'];

describe('[C6] many disks', () => {
  it('the one that Enter takes can always be seen, with what is not offered and why', async () => {
    const here = letters.map((letter) => ({
      ...target,
      path: `/dev/sd${letter}`,
      name: `sd${letter}`,
      serial: letter,
    }));
    const refused = [...'xyz'].map((letter) => ({ ...medium, path: `/dev/sd${letter}`, name: `sd${letter}` }));
    menu = await MenuOnScreen.open({
      state: idle,
      onCommand: async (command) => {
        if (command.command === 'disks') return { disks: { saved: [savedDisk], here: [...here, medium, ...refused] } };
        if (command.command === 'plan') menu.show({ plan });
        return command.command === 'plan' ? { plan } : {};
      },
    });
    await menu.expect(/Restore this machine/);
    menu.press('1');
    const first = await menu.expect(/► 1 +sda /);
    expect(first).toMatch(/20 in all/);
    expect(first).toMatch(/Not offered: 4/);
    expect(first).toMatch(/sr0[\s\S]*this medium/);
    expect(first).toMatch(/Esc back/);
    for (const letter of letters.slice(1)) {
      menu.press('\u001B[B');
      const shown = await menu.expect(new RegExp(`► +\\d* +sd${letter} .*serial ${letter} [\\s\\S]*holds now`));
      expect(shown).toMatch(/Saved disk[\s\S]*this medium[\s\S]*Esc back/);
    }
    menu.press('\r');
    await menu.expect(/Type the disk's name/);
    expect(menu.commands.find(({ command }) => command === 'plan')).toMatchObject({
      targets: [{ source: savedDisk.id, disk: '/dev/sdt' }],
    });
  });
});
