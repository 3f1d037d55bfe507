import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import type { Command, EngineState } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import { idle, medium, plan, restoring, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

type Salvage = NonNullable<EngineState['salvage']>;

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
    const first = await menu.expect(/1 {2}Unlock the backup/);
    expect(first).not.toContain('Restore this machine');
    expect(first).toContain('ENCRYPTED');
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

  it('takes a pasted passphrase with its Enter, as a slow line brings it', async () => {
    const secrets: string[] = [];
    menu = await MenuOnScreen.open({
      state: { ...idle, locked: true },
      onCommand: async (command) => {
        if (command.command === 'unlock') secrets.push(command.secret);
        if (command.command === 'unlock') menu.show({ ...idle, locked: false });
        return {};
      },
    });
    await menu.expect(/1 {2}Unlock the backup/);
    menu.press('1');
    await menu.expect(/Passphrase: _/);
    menu.press('open ! sesame?\r');
    await menu.expect(/Restore this machine/);
    expect(secrets).toEqual(['open ! sesame?']);
  });
});

describe('[B3] a volume that is wanted', () => {
  const wanted = {
    what: 'volume 2 of 3',
    set: '11111111-2222-4333-8444-555555555555',
    volume: 2,
    restoring: true,
    seen: ['sr0 holds volume 1 of this set'],
  };
  const salvage: Salvage = {
    because: 'volume 2 is given up',
    status: 'possible',
    reason: '',
    files: 3,
    first: ['/home/a  (12 bytes)', '/home/b  (3 bytes)', '/home/c'],
    listFile: '/run/rekindle/lost-files.txt',
  };

  it('[C15] is asked for by number; giving it up shows which files that costs, and must be typed', async () => {
    menu = await MenuOnScreen.open({
      state: { ...restoring, wanted },
      onCommand: async (command) => {
        if (command.command === 'count-loss') menu.show({ salvage });
        if (command.command === 'skip-volume') menu.show({ wanted: null });
        return {};
      },
    });
    expect(await menu.expect(/Put in volume 2 of 3/)).toContain('sr0 holds volume 1 of this set');
    await menu.press('s');
    const shown = await menu.expect(/Type "without 3 files" and Enter to go on: _/);
    expect(shown).toContain('/home/a  (12 bytes)');
    expect(shown).toContain('/run/rekindle/lost-files.txt');
    await menu.press('\r');
    await menu.press('y');
    await menu.press('\x7f');
    await menu.press('without 3 files');
    await menu.expect(/go on: without 3 files_/);
    await menu.press('\r');
    await menu.expect(/Restoring web01/);
    expect(menu.commands.filter(({ command }) => command === 'skip-volume')).toMatchObject([
      { confirm: 'without 3 files' },
    ]);
  });

  it('that the restore cannot do without says why; only y gives it up', async () => {
    const impossible: Salvage = { ...salvage, status: 'impossible', reason: 'the list of all files is on this volume' };
    menu = await MenuOnScreen.open({ state: { ...restoring, wanted, salvage: impossible } });
    await menu.expect(/Put in volume 2 of 3/);
    await menu.press('s');
    expect(await menu.expect(/Sure\?/)).toContain('the list of all files is on this volume');
    await menu.press('x');
    await menu.expect(/Put in volume 2 of 3(?!(.|\n)*Sure)/);
    await menu.press('s');
    await menu.expect(/Sure\?/);
    await menu.press('y');
    for (let waited = 0; waited < 50 && !menu.commands.some(({ command }) => command === 'skip-volume'); waited += 1)
      await new Promise((done) => setTimeout(done, 20));
    expect(menu.commands.findLast(({ command }) => command === 'skip-volume')).not.toHaveProperty('confirm');
  });

  it('that is not here makes the restore ask for a second word', async () => {
    menu = await MenuOnScreen.open({ state: { ...idle, unverified: ['volume 2', 'volume 3'] }, onCommand: answer });
    await menu.expect(/Restore this machine/);
    menu.press('1');
    await menu.expect(/1 +vda/);
    menu.press('1');
    const screen = await menu.expect(/"vda unverified"/);
    expect(screen).toContain('Not checked yet: volume 2, volume 3 are not here');
  });
});

describe('[C15] a damaged backup', () => {
  const salvage: Salvage = {
    because: 'the backup is damaged',
    status: 'possible',
    reason: '',
    files: 250,
    first: Array.from({ length: 200 }, (_, index) => `/srv/file-${index + 1}  (9 bytes)`),
    listFile: '/run/rekindle/lost-files.txt',
  };
  const verification = {
    status: 'damaged',
    bytesDone: 1,
    bytesTotal: 1,
    damage: ['archives/001-root.tar.zst: frame 3'],
  } as const;
  const state = { ...idle, salvage, verification: { ...verification, damage: [...verification.damage] } };

  it('offers the rest by its own name, shows what is lost, and takes only the whole words', async () => {
    menu = await MenuOnScreen.open({
      state: { ...state, salvage: { ...salvage, first: [...salvage.first] } },
      onCommand: answer,
    });
    const first = await menu.expect(/1 {2}Restore without 250 files/);
    expect(first).not.toContain('Restore this machine');
    await menu.press('1');
    const list = await menu.expect(/The rest can be restored without 250 files/);
    expect(list).toContain('/srv/file-1  (9 bytes)');
    expect(list).toContain('These are the first 200 of 250.');
    await menu.press('\r');
    await menu.expect(/The rest can be restored/);
    await menu.press('\x1b[6~');
    await menu.expect(/srv\/file-20 /);
    await menu.press('c');
    await menu.expect(/1 +vda/);
    await menu.press('1');
    const plan = await menu.expect(/Type "vda without 250 files" and Enter/);
    expect(plan).toContain('The backup is damaged');
  });

  it('that cannot be restored in part says why', async () => {
    const impossible = {
      ...salvage,
      first: [],
      status: 'impossible',
      reason: 'the list of what is in / is damaged',
    } as const;
    menu = await MenuOnScreen.open({ state: { ...state, salvage: { ...impossible, first: [] } } });
    expect(await menu.expect(/Restore this machine/)).toContain(
      'It cannot be restored: the list of what is in / is damaged.',
    );
  });

  it('that was restored without some files never says only that it was restored', async () => {
    const { files, listFile } = salvage;
    menu = await MenuOnScreen.open({
      state: { ...restoring, phase: 'restored', lost: { files, listFile, first: [...salvage.first] } },
    });
    const screen = await menu.expect(/Restored without 250 files\./);
    expect(screen).toContain('Not everything is back. Missing (250):');
    expect(screen).toContain('/srv/file-1  (9 bytes)');
    expect(screen).toContain('/var/log/rekindle/lost-files.txt');
    await menu.press('f');
    await menu.expect(/What is missing/);
  });
});
