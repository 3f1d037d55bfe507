import { afterEach, describe, expect, it } from 'vitest';
import type { Command, EngineState } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import type { DevicesAnswer } from '../../restore/plan/part/device-here.ts';
import type { Plan } from '../../restore/plan/step.ts';
import { consoleGlyphs } from '../../tui/glyphs.ts';
import { linesOf } from '../../tui/screens/plan-lines.ts';
import { idle, plan, restoring, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

const blank = { ...target, path: '/dev/vdb', name: 'vdb', serial: 'NEW', contents: [] };
const device = 'mapper/vg0-home';
const devices: DevicesAnswer = {
  fileSystems: [{ name: '/home', type: 'xfs', bytes: 37e9, files: 1_248_882 }],
  devices: [
    ...[{ path: `/dev/${device}`, name: device, sizeBytes: 40e9, uuid: null, type: null, content: '', disks: [blank] }],
  ].map((each) => ({ ...each, refusal: null })),
};

function answers(made: Plan, savedDisks = 1) {
  return async (command: Command): Promise<Answer> => {
    const saved = Array.from({ length: savedDisks }, (_, at) => ({ ...savedDisk, id: `disk${at}` }));
    if (command.command === 'disks') return { disks: { saved, here: [target, blank] } };
    if (command.command === 'devices') return { devices };
    if (command.command === 'plan') menu.show({ plan: made });
    if (command.command === 'secret') menu.show({ givenSecrets: [...(menu.state.givenSecrets ?? []), command.name] });
    if (command.command === 'start') menu.show(restoring);
    return command.command === 'plan' ? { plan: made } : {};
  };
}

/** Presses each key and gives the right end of the heading after it. */
async function walk(state: EngineState, made: Plan, path: [string, RegExp][], savedDisks = 1): Promise<string[]> {
  menu = await MenuOnScreen.open({ state, onCommand: answers(made, savedDisks) });
  await menu.expect(/Power off/);
  const said: string[] = [];
  for (const [key, shown] of path) {
    await menu.press(key);
    const screen = await menu.expect(shown);
    said.push(/(step|passphrase) \d+ of \d+$/m.exec(screen.split('\n')[0] ?? '')?.[0] ?? '');
  }
  return said;
}

describe('[E1] a step is counted right', () => {
  it('of a whole restore: the disk, the plan; sizes belong to the plan', async () => {
    const sized = {
      ...plan,
      adjustable: [
        { node: 'disk0:2', name: '/', saved: 4e10, planned: 4e10, minimum: 2e10, maximum: null, holds: 1e10 },
      ],
    };
    const said = await walk(idle, sized, [
      ['1', /step \d of \d[\s\S]*1 +vda/],
      ['1', /Type the disk/],
      ['=', /New size/],
      ['\x1b', /Type the disk/],
    ]);
    expect(said).toEqual(['step 1 of 2', 'step 2 of 2', 'step 2 of 2', 'step 2 of 2']);
  });

  it('of two disks each is one', async () => {
    const said = await walk(
      idle,
      plan,
      [
        ['1', /Saved disk 1 of 2/],
        ['1', /Saved disk 2 of 2/],
        ['1', /Type the disk/],
      ],
      2,
    );
    expect(said).toEqual(['step 1 of 3', 'step 2 of 3', 'step 3 of 3']);
  });

  it('of encrypted disks: the passphrases are counted by themselves', async () => {
    const secrets = ['one', 'two'].map((name) => ({ name, title: `passphrase of ${name}`, opens: `/dev/${name}` }));
    const said = await walk(idle, { ...plan, secrets }, [
      ['1', /step \d of \d[\s\S]*1 +vda/],
      ['1', /passphrase of one/],
      ['a\r', /passphrase of two/],
      ['b\r', /Type the disk/],
    ]);
    expect(said).toEqual(['step 1 of 2', 'passphrase 1 of 2', 'passphrase 2 of 2', 'step 2 of 2']);
  });

  it('of one file system: which, into what, how, the plan', async () => {
    const part = {
      kind: 'file-system' as const,
      order: { fileSystem: '/home', device, make: 'same' },
      confirm: device,
    };
    const said = await walk(idle, { ...plan, part }, [
      ['2', /which part/],
      ['1', /1 +\/home/],
      ['1', /1 +mapper/],
      ['1', /how\?/],
      ['1', /Type the device/],
    ]);
    expect(said).toEqual(['', 'step 1 of 4', 'step 2 of 4', 'step 3 of 4', 'step 4 of 4']);
  });

  it('of a damaged backup: what is lost comes first', async () => {
    const salvage = {
      because: 'x',
      status: 'possible' as const,
      reason: '',
      files: 2,
      first: ['/a', '/b'],
      listFile: '/l',
    };
    const said = await walk({ ...idle, salvage }, plan, [
      ['1', /what would be missing/],
      ['c', /step \d of \d[\s\S]*1 +vda/],
      ['1', /Type "vda without 2 files"/],
    ]);
    expect(said).toEqual(['step 1 of 3', 'step 2 of 3', 'step 3 of 3']);
  });

  it('is none where only the plan is made again', async () => {
    const failure = { code: 'RK306', message: 'Gone.', cause: 'sr0', hint: 'Put it back.' };
    menu = await MenuOnScreen.open({ state: { ...restoring, phase: 'failed', failure }, onCommand: answers(plan) });
    await menu.expect(/RK306/);
    await menu.press('r');
    expect(await menu.expect(/Type the disk/)).not.toMatch(/step \d/);
  });
});

/** Of what is said of the disk; the terminal of a test has no colours. */
function colours(made: Plan): (string | undefined)[] {
  const lines = linesOf(made, idle, { width: 76, glyphs: consoleGlyphs });
  return lines.slice(0, 2).map(({ color }) => color);
}

describe('a disk on which nothing was found', () => {
  const onBlank = { ...plan, targets: [{ source: 'disk0', disk: blank }] };

  it('is not said to be destroyed, nor to be empty, and is not red', async () => {
    menu = await MenuOnScreen.open({ state: idle, onCommand: answers(onBlank) });
    await menu.expect(/Power off/);
    await menu.press('1');
    expect(await menu.expect(/2 +vdb/)).toMatch(/vdb .*\n +no partitions and no file system were found on it/);
    await menu.press('2');
    const screen = await menu.expect(/Type the disk's name \(vdb\)/);
    expect(screen).toMatch(
      /Everything goes onto vdb .*serial NEW.*\n +no partitions and no file system were found on it/,
    );
    expect(screen).not.toMatch(/destroyed|empty/);
    expect(colours(onBlank)).toEqual([undefined, undefined]);
  });

  it.each([
    [
      'a partition table without a partition',
      ['empty GPT partition table'],
      /only an empty GPT partition table was found/,
      false,
    ],
    ['a file system', ['ext4 "root" 5.0 GB'], /will be destroyed:\n +ext4 "root" 5\.0 GB/, true],
  ])('as against %s', async (_what, contents, shown, isRed) => {
    const disk = { ...blank, contents };
    menu = await MenuOnScreen.open({
      state: idle,
      onCommand: answers({ ...plan, targets: [{ source: 'disk0', disk }] }),
    });
    await menu.expect(/Power off/);
    await menu.press('1');
    await menu.expect(/2 +vdb/);
    await menu.press('2');
    expect(await menu.expect(/Type the disk's name/)).toMatch(shown);
    expect(colours({ ...plan, targets: [{ source: 'disk0', disk }] }).includes('red')).toBe(isRed);
  });
});

describe('a name that is typed', () => {
  it('may be that of a volume, with its slash', async () => {
    const part = {
      kind: 'file-system' as const,
      order: { fileSystem: '/home', device, make: 'same' },
      confirm: device,
    };
    menu = await MenuOnScreen.open({
      state: { ...idle, plan: { ...plan, part } },
      onCommand: answers({ ...plan, part }),
    });
    await menu.expect(/Power off/);
    for (const [key, shown] of [
      ['2', /which part/],
      ['1', /1 +\/home/],
      ['1', /1 +mapper/],
      ['1', /how\?/],
      ['1', /Type the device/],
    ] as const) {
      await menu.press(key);
      await menu.expect(shown);
    }
    await menu.press(device);
    await menu.expect(/start: mapper\/vg0-home_/);
    await menu.press('\r');
    await menu.expect(/Restoring web01/);
    expect(menu.commands.at(-1)).toMatchObject({ command: 'start', confirm: device });
  });
});
