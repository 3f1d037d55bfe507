import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import { initialState } from '../../restore/execute/initial-state.ts';
import type { Command, EngineState } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import { consoleGlyphs } from '../../tui/glyphs.ts';
import { goodProof, idle, medium, plan, restoring, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

async function answer(command: Command): Promise<Answer> {
  if (command.command === 'disks') return { disks: { saved: [savedDisk], here: [target, medium] } };
  if (command.command === 'plan') {
    menu.show({ plan });
    return { plan };
  }
  if (command.command === 'start' && command.confirm !== 'vda')
    throw new RekindleError('RK404', 'the name typed is not vda');
  if (command.command === 'start') menu.show(restoring);
  return {};
}

describe('[E1] the menu', () => {
  it('says which machine the medium brings back, and how old the backup is', async () => {
    menu = await MenuOnScreen.open({ state: idle });
    const screen = await menu.expect(/Restore this machine/);
    expect(screen).toContain('web01.example.org');
    expect(screen).toContain('web01.example.org · saved 2026-11-20 02:00, 10 days ago\n');
    expect(screen).toContain('34%, no damage so far');
  });

  it('offers no restore on a medium without a backup', async () => {
    const set = idle.set ? { ...idle.set, hasBackup: false } : null;
    menu = await MenuOnScreen.open({ state: { ...idle, set } });
    const screen = await menu.expect(/Power off/);
    expect(screen).toContain('A rescue medium without a backup');
    expect(screen).not.toContain('Restore this machine');
  });

  it('is there before the medium was read; what was chosen meanwhile opens by itself', async () => {
    menu = await MenuOnScreen.open({ state: { ...initialState(), phase: 'starting' }, onCommand: answer });
    const first = await menu.expect(/1 {2}Restore this machine +in a moment/);
    expect(first).toContain('Reading the medium. The shell works already.');
    await menu.press('1');
    await menu.expect(/Restore this machine +opens as soon as the medium is read/);
    menu.show(idle);
    await menu.expect(/1 +vda/);
  });

  it('forgets neither the choice nor what was chosen when it is drawn anew', async () => {
    menu = await MenuOnScreen.open({ state: { ...initialState(), phase: 'starting' }, onCommand: answer });
    await menu.expect(/in a moment/);
    await menu.press('1');
    await menu.expect(/opens as soon as/);
    await menu.press('\x0c');
    await menu.expect(/opens as soon as/);
    menu.show(idle);
    await menu.expect(/1 +vda/);
  });

  it('keeps the choice where it was when entries go', async () => {
    menu = await MenuOnScreen.open({ state: { ...initialState(), phase: 'starting' } });
    await menu.expect(/3 {2}Shell/);
    await menu.press('k');
    await menu.expect(/► 7 {2}Power off/);
    menu.show({ ...idle, set: idle.set ? { ...idle.set, hasBackup: false } : null });
    await menu.expect(/► 4 {2}Power off/);
  });

  it('[C5] asks for the other plan on Tab where the disk is larger, and shows the sizes', async () => {
    const asked: Command[] = [];
    const onCommand = async (command: Command): Promise<Answer> => {
      asked.push(command);
      if (command.command !== 'plan') return answer(command);
      const isFilled = command.sizes?.larger === 'fill';
      const sizes = isFilled ? ['/: 40.0 GB -> 120 GB, holds 17.3 GB'] : [];
      menu.show({ plan: { ...plan, room: isFilled ? 'filled' : 'kept', sizes } });
      return { plan };
    };
    menu = await MenuOnScreen.open({ state: idle, onCommand });
    await menu.expect(/Restore this machine/);
    await menu.press('1');
    await menu.expect(/1 +vda/);
    await menu.press('1');
    await menu.expect(/Tab use the whole disk/);
    await menu.press('\t');
    const filled = await menu.expect(/Tab keep the old sizes/);
    expect(filled).toContain('~ /: 40.0 GB -> 120 GB, holds 17.3 GB');
    await menu.press('\t');
    await menu.expect(/Tab use the whole disk/);
    expect(asked.filter(({ command }) => command === 'start')).toEqual([]);
  });

  it('goes to the restore by disk, plan and typed name; Enter alone starts nothing', async () => {
    menu = await MenuOnScreen.open({ state: idle, onCommand: answer });
    await menu.expect(/Restore this machine/);
    await menu.press('1');
    const disks = await menu.expect(/1 +vda/);
    expect(disks).toContain('vda  WD SN770  serial 2303A8  1.00 TB');
    expect(disks).toContain('holds now: vda1 ntfs "Windows" 220 GB');
    expect(disks).toContain('this medium: the backup is read from it');
    await menu.press('1');
    const shown = await menu.expect(/Type the disk's name \(vda\)/);
    expect(shown).toContain('will be destroyed');
    await menu.press('\r');
    await menu.press('vdb');
    await menu.expect(/start: vdb_/);
    await menu.press('\r');
    await menu.expect(/RK404/);
    await menu.press('vda');
    await menu.expect(/start: vda_/);
    await menu.press('\r');
    await menu.expect(/Restoring web01/);
    expect(menu.commands.filter(({ command }) => command === 'start')).toHaveLength(2);
  });

  it('does not choose the medium when its number is pressed', async () => {
    menu = await MenuOnScreen.open({ state: idle, onCommand: answer });
    await menu.expect(/Restore this machine/);
    await menu.press('1');
    await menu.expect(/Not offered/);
    await menu.press('2');
    await menu.press('\x1b');
    await menu.expect(/Restore this machine/);
    expect(menu.commands.map(({ command }) => command)).toEqual(['find-sets', 'disks']);
  });

  it('reboots only after y', async () => {
    menu = await MenuOnScreen.open({ state: idle });
    await menu.expect(/Reboot/);
    await menu.press('6');
    await menu.expect(/Type y or n/);
    await menu.press('\r');
    await menu.press('n');
    await menu.expect(/Restore this machine/);
    expect(menu.commands).toEqual([]);
    await menu.press('6');
    await menu.expect(/Type y or n/);
    await menu.press('y');
    await menu.expect(/in progress/);
    expect(menu.commands).toMatchObject([{ command: 'power', action: 'reboot' }]);
  });
});

describe('[E7] a console that gets another size', () => {
  it('is drawn again as a whole', async () => {
    menu = await MenuOnScreen.open({ state: idle });
    await menu.expect(/Restore this machine/);
    menu.resize(100, 37);
    const screen = await menu.expect(/Enter go/);
    expect(screen).toContain('Restore this machine');
    expect(screen).toContain('web01.example.org');
    expect(screen).toMatch(/^─{100}$/m);
    expect(screen.split('\n').findIndex((line) => line.includes('Enter go'))).toBeGreaterThan(30);
  });
});

describe('[E3] logs', () => {
  it('scroll and search, and take ! and ? as letters of a search', async () => {
    menu = await MenuOnScreen.open({ state: { ...idle, log: [...idle.log, 'what now?! RK451'] } });
    await menu.expect(/Logs/);
    await menu.press('5');
    await menu.expect(/61 lines/);
    await menu.press('/');
    await menu.expect(/search: _/);
    await menu.press('now?!');
    const screen = await menu.expect(/search: now\?!_/);
    expect(screen).toContain('what now?! RK451');
    expect(screen).toMatch(/ 1 line$/m);
  });
});

describe('[E1] every screen', () => {
  const screens: Record<string, EngineState> = {
    idle,
    starting: { ...idle, phase: 'starting' },
    restoring,
    checking: { ...restoring, progress: restoring.progress && { ...restoring.progress, current: -1 } },
    restored: { ...restoring, phase: 'restored', proof: goodProof, warnings: ['one', 'two', 'three', 'four', 'five'] },
    countdown: { ...idle, plan, countdown: 17 },
    'countdown after a power cut': { ...idle, phase: 'failed', plan, continueAt: 'extract /', countdown: 170 },
    deferred: { ...idle, verification: { status: 'deferred', bytesDone: 0, bytesTotal: 0, damage: [] } },
    damaged: {
      ...idle,
      verification: {
        status: 'damaged',
        bytesDone: 1,
        bytesTotal: 1,
        damage: Array(20).fill('archives/000-root.tar.zst'),
      },
    },
    failed: {
      ...restoring,
      phase: 'failed',
      failure: {
        code: 'RK451',
        message: 'mkfs ended with 1.',
        cause: `it said ${'long words '.repeat(30)}`,
        hint: 'Look at the log.',
      },
    },
  };
  const sizes = [
    [80, 24],
    [80, 25],
    [132, 43],
  ] as const;
  for (const [name, state] of Object.entries(screens))
    for (const [columns, rows] of sizes)
      it(`${name}: keeps its top line, its keys and the console's characters at ${columns}x${rows}`, async () => {
        menu = await MenuOnScreen.open({ state, columns, rows });
        const lines = (await menu.expect(/shell|any key/)).split('\n');
        expect(lines[0]?.trim()).not.toBe('');
        expect(lines[1]).toBe('─'.repeat(columns));
        expect(lines[rows - 3]).toBe('─'.repeat(columns));
        expect(lines[rows - 2]).toMatch(/shell|any key/);
        const allowed = new Set(Object.values(consoleGlyphs).join(''));
        const strange = [...lines.join('')].filter((glyph) => glyph > '~' && !allowed.has(glyph));
        expect(strange).toEqual([]);
      });

  it('is plain ASCII on a serial line', async () => {
    menu = await MenuOnScreen.open({ state: restoring, ascii: true });
    await menu.expect(/home\/anna/);
    expect([...menu.written].filter((character) => character > '~')).toEqual([]);
  });

  it('does not let the name of a file write on the terminal', async () => {
    menu = await MenuOnScreen.open({ state: restoring });
    expect(await menu.expect(/home\/anna/)).toContain('na\\x1b[2Jme\\x0a?.raw');
  });

  it('is right after the screen changed in place, and after Ctrl-L', async () => {
    menu = await MenuOnScreen.open({ state: restoring });
    await menu.expect(/Restoring web01/);
    menu.show({ phase: 'restored', proof: goodProof });
    const restored = await menu.expect(/^ Restored\. Will it boot\? +10 of 10 proven/m);
    await menu.press('\x0c');
    await menu.expect(/Restored\./);
    expect(menu.screen()).toBe(restored);
  });
});
