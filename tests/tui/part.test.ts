import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import type { Command } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import type { PartOrder } from '../../restore/plan/part/order.ts';
import type { Plan } from '../../restore/plan/step.ts';
import { consoleGlyphs } from '../../tui/glyphs.ts';
import { device, devices, disk } from './part-devices.ts';
import { idle, medium, plan, restoring, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => {
  device.name = 'vdb5';
  return menu.close();
});

const size = { columns: 80, rows: 25 };
function partPlan(order: PartOrder): Plan {
  const isOne = 'fileSystem' in order;
  const step = { target: 'vdb5', weightBytes: 1, actions: [] };
  return {
    ...plan,
    ...(!isOne && order.only === 'layout' ? { room: 'kept' as const } : {}),
    targets: [{ source: 'disk0', disk: isOne ? disk : target }],
    part: { kind: isOne ? 'file-system' : order.only, order, confirm: isOne ? device.name : 'vda' },
    warnings: isOne
      ? ['In /etc/fstab of the machine the line of /home must become: UUID=1 /home btrfs defaults 0 0']
      : [],
    steps: isOne
      ? [{ ...step, id: 'make:disk0:7', title: 'make btrfs', destroys: 'all that is on vdb5: ext4 "old home"' }]
      : plan.steps,
  };
}

async function answer(command: Command): Promise<Answer> {
  if (command.command === 'disks') return { disks: { saved: [savedDisk], here: [target, medium] } };
  if (command.command === 'devices') return { devices };
  if (command.command === 'plan') {
    if (command.part && 'make' in command.part && command.part.make === 'f2fs')
      throw new RekindleError('RK485', '/dev/vdb5 has 40.0 GB, needed are 41.0 GB: 1.00 GB short');
    const made = command.part ? partPlan(command.part) : plan;
    menu.show({ plan: made });
    return { plan: made };
  }
  if (command.command === 'start' && command.confirm !== menu.state.plan?.part?.confirm)
    throw new RekindleError('RK455', `typed "${command.confirm}"`);
  if (command.command === 'start') menu.show({ ...restoring, plan: menu.state.plan });
  return {};
}

async function openPart(): Promise<string> {
  menu = await MenuOnScreen.open({ state: idle, onCommand: answer, ...size });
  const first = await menu.expect(/2 {2}Restore a part/);
  expect(first).toMatch(/1 {2}Restore this machine/);
  await menu.press('2');
  return menu.expect(/which part\?/);
}

function asked(): Command[] {
  return menu.commands.filter(({ command }) => command === 'plan' || command === 'start');
}

function frameIsWhole(screen: string): void {
  const lines = screen.split('\n');
  expect(lines[1]).toBe('─'.repeat(80));
  expect(lines[22]).toBe('─'.repeat(80));
  const allowed = new Set(Object.values(consoleGlyphs).join(''));
  expect([...screen].filter((glyph) => glyph > '~' && !allowed.has(glyph))).toEqual([]);
}

describe('[C12] [E1] restore a part', () => {
  it('one file system: which, into which device, how, then the plan and the name of the device', async () => {
    const parts = await openPart();
    for (const word of ['1  One file system', '2  Layout only', '3  Files only', '4  Boot loader only'])
      expect(parts).toContain(word);
    frameIsWhole(parts);
    await menu.press('1');
    const saved = await menu.expect(/which file system\?/);
    await menu.expect(/2 {2}\/home/);
    expect(saved).not.toMatch(/vdb5/);
    await menu.press('2');
    const where = await menu.expect(/into which device\?/);
    expect(where).toMatch(/Saved {6}\/home {2}xfs +37\.0 GB, 1,248,882 files/);
    expect(where).toMatch(/1 {2}vdb5 +40\.0 GB, holds ext4 "old home"/);
    expect(where).toContain('on vdb  IronWolf  serial ZL2');
    expect(where).toMatch(/vdc1 +vfat: this medium/);
    expect(where).toMatch(/vda2 +ext4: in use: mounted on \/mnt/);
    expect(where).not.toMatch(/3 {2}vdc1/);
    frameIsWhole(where);
    await menu.press('1');
    const how = await menu.expect(/Keep what is on it/);
    expect(how).toMatch(/2 {2}Make it anew as it was +xfs; all that is on vdb5 is lost/);
    expect(how).not.toContain('Make it anew as xfs');
    frameIsWhole(how);
    await menu.press('5');
    const shown = await menu.expect(/Type the device's name \(vdb5\)/);
    expect(shown).toContain('On vdb5, a part of vdb');
    expect(shown).toContain('all that is on vdb5: ext4 "old home"');
    expect(shown).not.toContain('Everything on');
    expect(shown).toMatch(/UUID=1 \/home\s+btrfs/);
    expect(asked()).toMatchObject([
      { command: 'plan', targets: [], part: { fileSystem: '/home', device: '/dev/vdb5', make: 'btrfs' } },
    ]);
    await menu.press('\r');
    await menu.press('vdb');
    await menu.expect(/start: vdb_/);
    await menu.press('\r');
    await menu.expect(/RK455/);
    await menu.press('vdb5');
    await menu.expect(/start: vdb5_/);
    await menu.press('\r');
    await menu.expect(/Restoring web01/);
    expect(asked().filter(({ command }) => command === 'start')).toHaveLength(2);
  });

  it('a volume, whose name has a slash, is typed like any other', async () => {
    device.name = 'mapper/vg0-home';
    await openPart();
    for (const expected of [/2 {2}\/home/, /1 {2}mapper\/vg0-home/, /Keep what is on it/, /Type the device's name/]) {
      await menu.press('\r');
      await menu.expect(expected);
    }
    await menu.press('mapper/vg0-home');
    await menu.expect(/start: mapper\/vg0-home_/);
    await menu.press('\r');
    await menu.expect(/Restoring web01/);
  });

  it('nothing destructive on Enter: on a device that holds something the first way keeps it', async () => {
    await openPart();
    for (const expected of [/2 {2}\/home/, /1 {2}vdb5/, /► 1 {2}Keep what is on it/, /Type the device's name/]) {
      await menu.press('\r');
      await menu.expect(expected);
    }
    await menu.press('\r');
    expect(asked()).toMatchObject([{ part: { fileSystem: '/', device: '/dev/vdb5', make: null } }]);
  });

  it('offers nothing to keep on an empty device; Esc goes back one by one; a refusal says what to do', async () => {
    await openPart();
    await menu.press('1');
    await menu.expect(/2 {2}\/home/);
    await menu.press('2');
    await menu.expect(/2 {2}vdb6/);
    await menu.press('2');
    expect(await menu.expect(/1 {2}Make it anew as it was/)).not.toContain('Keep');
    await menu.press('5');
    const refused = await menu.expect(/RK485/);
    expect(refused).toContain('1.00 GB short');
    frameIsWhole(refused);
    for (const expected of [/into which device\?/, /which file system\?/, /which part\?/, /Restore this machine/]) {
      await menu.press('\x1b');
      await menu.expect(expected);
    }
    expect(asked().filter(({ command }) => command === 'start')).toEqual([]);
  });

  for (const [key, only, title] of [
    ['2', 'layout', 'the layout only'],
    ['3', 'files', 'files only'],
    ['4', 'boot-loader', 'the boot loader only'],
  ] as const)
    it(`${only}: the disk is chosen, its name is typed`, async () => {
      await openPart();
      await menu.press(key);
      const disks = await menu.expect(/1 +vda/);
      expect(disks).toContain(`Restore ${title}`);
      await menu.press('1');
      const shown = await menu.expect(/Type the disk's name \(vda\)/);
      if (only === 'layout') expect(shown).toContain('Everything on vda');
      else expect(shown).toContain('nothing will be destroyed');
      expect(asked()).toMatchObject([{ targets: [{ source: 'disk0', disk: '/dev/vda' }], part: { only } }]);
    });

  it('a layout that is given other sizes stays a layout', async () => {
    await openPart();
    await menu.press('2');
    await menu.expect(/1 +vda/);
    await menu.press('1');
    await menu.expect(/Tab use the whole disk/);
    await menu.press('\t');
    await menu.expect(/Tab use the whole disk/);
    expect(asked()).toMatchObject([
      { command: 'plan', part: { only: 'layout' } },
      { command: 'plan', part: { only: 'layout' }, sizes: { larger: 'fill' }, targets: [{ disk: '/dev/vda' }] },
    ]);
  });

  it('after a part Enter goes to the menu, from where the next part can be restored', async () => {
    const done = { ...restoring, phase: 'restored' as const, plan: partPlan({ only: 'layout' }) };
    menu = await MenuOnScreen.open({ state: { ...done, warnings: ['It does not boot.'] }, onCommand: answer, ...size });
    const screen = await menu.expect(/Restored: partitions and empty file systems\./);
    expect(screen).toContain('! It does not boot.');
    expect(screen).not.toMatch(/Will it boot|Take the medium out/);
    frameIsWhole(screen);
    await menu.press('\r');
    await menu.expect(/2 {2}Restore a part/);
    await menu.press('2');
    await menu.expect(/3 {2}Files only/);
    await menu.press('3');
    await menu.expect(/1 +vda/);
    await menu.press('1');
    await menu.expect(/Type the disk's name \(vda\)/);
  });

  it('a part that failed is planned again as the same part', async () => {
    const order = { fileSystem: '/home', device: '/dev/vdb5', make: 'btrfs' };
    const failure = { code: 'RK452', message: 'In use.', cause: 'vdb5', hint: 'Unmount it.' };
    const state = { ...restoring, phase: 'failed' as const, plan: partPlan(order), failure };
    menu = await MenuOnScreen.open({ state, onCommand: answer, ...size });
    await menu.expect(/RK452/);
    await menu.press('r');
    await menu.expect(/Type the device's name \(vdb5\)/);
    expect(asked()).toMatchObject([{ command: 'plan', targets: [], part: order }]);
  });

  it('a menu that chooses sees the restore that another one started, and its end', async () => {
    await openPart();
    await menu.press('2');
    await menu.expect(/1 +vda/);
    menu.show(restoring);
    await menu.expect(/Restoring web01/);
    menu.show({ phase: 'restored' });
    await menu.expect(/Will it boot\?/);
  });
});
