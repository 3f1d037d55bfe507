import { afterEach, describe, expect, it } from 'vitest';
import type { Command, EngineState } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import { idle, medium, plan, savedDisk, target } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

const full = {
  set: '22222222-2222-4333-8444-555555555555',
  name: 'the full set of web01 made 2026-11-20',
  locked: false,
};
const changes = { set: plan.set, name: 'the changes of web01 made 2026-11-21, level 1', here: true, locked: false };
const state: EngineState = { ...idle, chain: [{ ...full, here: false }, changes] };

async function answer(command: Command): Promise<Answer> {
  if (command.command === 'disks') return { disks: { saved: [savedDisk], here: [target, medium] } };
  if (command.command === 'find-sets') {
    // The engine asks only while it is missing.
    if (menu.state.chain.some(({ here }) => !here))
      menu.show({
        wanted: { what: full.name, set: full.set, volume: null, restoring: false, seen: ['sr0 holds no Rekindle set'] },
      });
    return {};
  }
  if (command.command !== 'plan') return {};
  menu.show({ plan: { ...plan, sets: [full.name, changes.name] } });
  return { plan };
}

describe('[B10] a medium with an incremental set', () => {
  it('names the sets that it needs, asks for the missing one, and goes on by itself', async () => {
    menu = await MenuOnScreen.open({ state, onCommand: answer });
    const first = await menu.expect(/Restore this machine/);
    expect(first).toContain('the full set of web01 made 2026-11-20: not here');
    expect(first).toContain(changes.name);
    await menu.press('1');
    const wanted = await menu.expect(/Put in the full set of web01 made 2026-11-20\./);
    expect(wanted).toContain('sr0 holds no Rekindle set');
    // The engine asks only while it is missing.
    if (menu.state.chain.some(({ here }) => !here))
      menu.show({ wanted: null, chain: [{ ...full, here: true }, changes] });
    await menu.expect(/1 +vda/);
    await menu.press('1');
    const shown = await menu.expect(/Type the disk's name/);
    expect(shown).toContain('It takes 2 sets, one after the other:');
    expect(shown).toContain(full.name);
  });

  it('that was given up shows why it cannot be restored', async () => {
    const problem = { code: 'RK314', message: 'Not here.', cause: `${full.name} was given up`, hint: 'Put it in.' };
    menu = await MenuOnScreen.open({ state: { ...state, problem }, onCommand: answer });
    expect(await menu.expect(/RK314/)).toContain('Restore this machine');
  });
});
