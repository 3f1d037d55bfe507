import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import type { Command } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import type { Plan, Sizes } from '../../restore/plan/step.ts';
import { readSize } from '../../tui/screens/sizes.tsx';
import { idle, medium, plan, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

const gigabyte = 1e9;
const root = {
  node: 'disk0:2',
  name: '/',
  saved: 40 * gigabyte,
  minimum: 19.1 * gigabyte,
  maximum: null,
  holds: 17.3 * gigabyte,
};

/** As the engine would plan with these sizes, on a disk of 64 GB. */
function sized(asked: Sizes): Plan {
  const planned = asked.wishes?.['disk0:2'] ?? root.saved;
  const part = (bytes: number) => ({
    sizeBytes: 64 * gigabyte,
    parts: [
      { name: '/boot/efi', bytes: gigabyte / 2 },
      { name: '/', bytes },
      { name: '', bytes: 63.5 * gigabyte - bytes },
    ],
  });
  const pictures = [{ source: 'disk0', before: part(root.saved), after: part(planned) }];
  return { ...plan, asked, adjustable: [{ ...root, planned }], pictures };
}

let menu: MenuOnScreen;
afterEach(() => menu.close());

async function openSizes(options: { ascii?: boolean } = {}): Promise<Command[]> {
  const asked: Command[] = [];
  const onCommand = async (command: Command): Promise<Answer> => {
    asked.push(command);
    if (command.command === 'disks') return { disks: { saved: [savedDisk], here: [target, medium] } };
    if (command.command !== 'plan') return {};
    if ((command.sizes?.wishes?.['disk0:2'] ?? 0) > 63 * gigabyte)
      throw new RekindleError('RK401', 'needs 70.0 GB, there are 64.0 GB');
    const made = sized(command.sizes ?? {});
    menu.show({ plan: made });
    return { plan: made };
  };
  menu = await MenuOnScreen.open({ state: idle, onCommand, ...options });
  await menu.expect(/Restore this machine/);
  await menu.press('1');
  await menu.expect(/1 +vda/);
  await menu.press('1');
  await menu.expect(/= sizes/);
  return asked;
}

describe('[C4] [C5] sizes in the menu', () => {
  it('draws the disk as it was and as it will be, to scale', async () => {
    await openSizes();
    const screen = await menu.expect(/vda then/);
    const row = /was +(█+)(▒+)(░+) 64\.0 GB/.exec(screen);
    expect(row?.[1]).toHaveLength(1);
    expect(row?.[2]?.length).toBeGreaterThan(row?.[3]?.length ?? 0);
    expect(screen).toContain('/boot/efi 500 MB, / 40.0 GB, free 23.5 GB');
  });

  it('draws it on a serial line too', async () => {
    await openSizes({ ascii: true });
    expect(await menu.expect(/vda then/)).toMatch(/was +#=+\.+ 64\.0 GB/);
  });

  it('says at each key whether the size can be, plans with it on Enter, and goes back to the plan', async () => {
    const asked = await openSizes();
    await menu.press('=');
    expect(await menu.expect(/New size of \/:/)).toContain('holds 17.3 GB, at least 19.1 GB');
    await menu.press('12GB');
    await menu.expect(/12GB_ +too small: at least 19\.1 GB/);
    await menu.press('\r');
    for (const _ of '12GB') await menu.press('\x7f');
    await menu.press('22 GB');
    await menu.expect(/22 GB_ +=\s22\.0 GB/);
    await menu.press('\r');
    await menu.expect(/40\.0 GB -> 22\.0 GB/);
    const plans = asked.filter(({ command }) => command === 'plan');
    expect(plans).toHaveLength(2);
    expect(plans[1]).toMatchObject({ sizes: { wishes: { 'disk0:2': 20981 * 2 ** 20 } } });
    await menu.press('r');
    await menu.expect(/\/ +40\.0 GB +holds/);
    await menu.press('\x1b');
    await menu.expect(/Type the disk's name/);
    expect(asked.filter(({ command }) => command === 'start')).toEqual([]);
  });

  it('shows what the engine refuses, and the plan stays as it was', async () => {
    await openSizes();
    await menu.press('=');
    await menu.expect(/New size of \/:/);
    await menu.press('70GB');
    await menu.expect(/= 70\.0 GB/);
    await menu.press('\r');
    const screen = await menu.expect(/RK401/);
    expect(screen).toMatch(/\/ +40\.0 GB +holds/);
  });
});

describe('[C5] a typed size', () => {
  const item = { ...root, planned: root.saved };
  it.each([
    ['22GB', { bytes: 20981 * 2 ** 20 }],
    ['20GiB', { bytes: 20 * 2 ** 30 }],
    ['19.1GB', { bytes: Math.ceil(root.minimum / 2 ** 20) * 2 ** 20 }],
    ['19GB', { problem: 'too small: at least 19.1 GB' }],
    ['much', { problem: 'a size such as 22GB, 500M or 20GiB' }],
  ])('%s', (text, expected) => {
    expect(readSize(text, item)).toEqual(expected);
  });

  it('has an upper limit where the content has one', () => {
    expect(readSize('50GB', { ...item, maximum: 45e9 })).toEqual({ problem: 'too large: at most 45.0 GB' });
  });
});
