import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { idle } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

const name = 'the full set of web01 made 2026-11-20';
const set = '22222222-2222-4333-8444-555555555555';

describe('[B11] signatures on the screen', () => {
  it('show the key and its fingerprint for comparison', async () => {
    const signature = { kind: 'signed', key: 'RWQexample', keyId: '1234ABCD', fingerprint: '5F3A 99C1' } as const;
    menu = await MenuOnScreen.open({ state: { ...idle, set: idle.set && { ...idle.set, signature } } });
    const screen = await menu.expect(/Restore this machine/);
    expect(screen).toContain('signed by RWQexample');
    expect(screen).toContain('key 1234ABCD, fingerprint 5F3A 99C1: compare it with yours');
  });

  it.each([
    ['a base', idle.set],
    ["the medium's own", null],
  ])('a refused set, %s, is used only after the words were typed; letters are letters there', async (_what, own) => {
    const problem = { code: 'RK360', message: 'A set is not signed.', cause: name, hint: 'Use a signed one.' };
    const untrusted = { set, name, keys: ['key 1234ABCD, fingerprint 5F3A'] };
    const state: EngineState = { ...idle, set: own, problem, untrusted };
    menu = await MenuOnScreen.open({
      state,
      onCommand: async (command) => {
        if (command.command !== 'use-unsigned') return {};
        if (command.confirm !== 'use unsigned set') throw new RekindleError('RK363', `typed "${command.confirm}"`);
        menu.show({ problem: null, untrusted: null, set: idle.set });
        return {};
      },
    });
    if (own === null) expect(await menu.expect(/RK360/)).not.toContain('Restore this machine');
    const entry = /(\d) {2}Use it anyway/.exec(await menu.expect(/Use it anyway/))?.[1] ?? '';
    await menu.press(entry);
    expect(await menu.expect(/type "use unsigned set": _/)).toContain('key 1234ABCD, fingerprint 5F3A');
    await menu.press('\r');
    await menu.press('yes');
    await menu.press('\r');
    await menu.expect(/RK363/);
    await menu.press('use unsigned set');
    await menu.expect(/: use unsigned set_/);
    await menu.press('\r');
    // Two frames may lie between the answer and the new state: the last one counts.
    await menu.expect(/^(?!.*Use it anyway).*Restore this machine/s);
  });
});
