import { afterEach, describe, expect, it } from 'vitest';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { wipesAgain } from '../../restore/execute/unattended.ts';
import { goodProof, restoring } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

function restored(proof: EngineState['proof']): EngineState {
  return { ...restoring, phase: 'restored', proof };
}

const noFstab: EngineState['proof'][number] = {
  id: 'fstab',
  title: 'every file system in /etc/fstab exists',
  result: 'fail',
  detail: 'line 2: UUID=99999999-9999-4999-8999-999999999999 for / is on none of the restored disks',
  hint: 'Correct /etc/fstab of the restored system: "blkid" shows the ids that there are.',
  stopsBoot: true,
};

describe('[C11] the end of a restore, at 80x25', () => {
  it('says what was proven, before the reboot', async () => {
    menu = await MenuOnScreen.open({ state: restored(goodProof), rows: 25 });
    const screen = await menu.expect(/Restored\. Will it boot\?/);
    expect(screen).toMatch(/10 of 10 proven/);
    for (const { title } of goodProof) expect(screen).toContain(`√ ${title}`);
    expect(screen).toContain('Take the medium out, then reboot.');
    expect(screen).not.toMatch(/probably not/);
  });

  it('says on a line of its own why an unattended restore did not restart the machine', async () => {
    const warnings = [wipesAgain, 'one', 'two', 'three', 'four'];
    menu = await MenuOnScreen.open({ state: { ...restored(goodProof), warnings }, rows: 25 });
    const screen = await menu.expect(/Restored\. Will it boot\?/);
    expect(screen).toMatch(/^ +! Not restarted: a medium left in the drive would restore again\.\s*$/m);
    expect(screen).toContain('Take the medium out, then reboot.');
  });

  it('says in plain words that it will probably not boot, why, and what to do', async () => {
    const proof = goodProof.map((each) => (each.id === 'fstab' ? noFstab : each));
    menu = await MenuOnScreen.open({ state: restored(proof), rows: 25 });
    const screen = await menu.expect(/will probably not boot/);
    expect(screen).toMatch(/^ Restored, but it was not proven that it boots\. +9 of 10 proven/m);
    expect(screen).toMatch(
      /not boot:\n +■ not true: every file system in \/etc\/fstab exists\n +Why: {2}line 2: UUID=9999/,
    );
    expect(screen).toContain('Next: Correct /etc/fstab');
    expect(screen).toContain('the system is mounted on /mnt/target');
    expect(screen).toContain('Enter reboot anyway');
    expect(screen).not.toMatch(/Take the medium out|successful/);
    await menu.press('\r');
    await menu.expect(/Type y or n/);
    expect(menu.commands).toEqual([]);
  });

  it('does not say that it is mounted when it could not be', async () => {
    const proof = goodProof.map((each) => (each.id === 'fstab' ? noFstab : each));
    menu = await MenuOnScreen.open({ state: { ...restored(proof), mounted: false }, rows: 25 });
    const screen = await menu.expect(/It could not be mounted; the log \(l\) says why\./);
    expect(screen).not.toContain('/mnt/target');
  });

  it('tells a machine that boots with something missing from one that does not boot', async () => {
    menu = await MenuOnScreen.open({ state: restored([...goodProof, { ...noFstab, stopsBoot: false }]), rows: 25 });
    const screen = await menu.expect(/will probably boot, but something is wrong/);
    expect(screen).not.toContain('probably not');
  });

  it('shows what could not be told, and scrolls through many findings', async () => {
    const unknown = {
      ...noFstab,
      result: 'cannot-tell' as const,
      hint: 'Look yourself.',
      detail: 'it was not looked into',
    };
    const many = Array.from({ length: 12 }, (_, index) => ({ ...noFstab, id: `f${index}`, title: `finding ${index}` }));
    menu = await MenuOnScreen.open({ state: restored([unknown, ...many]), rows: 25 });
    const screen = await menu.expect(/finding 0/);
    expect(screen).not.toContain('finding 11');
    for (let press = 0; press < 60; press += 1) await menu.press('\x1b[B');
    expect(await menu.expect(/cannot tell: every file system[\s\S]*looked into/)).toContain('finding 11');
  });

  it('says why nobody can tell, and how to find out', async () => {
    const unknown = { ...noFstab, result: 'cannot-tell' as const, hint: 'Look yourself.', detail: 'it names a stick' };
    menu = await MenuOnScreen.open({ state: restored([...goodProof, unknown]), rows: 25 });
    const screen = await menu.expect(/cannot tell: every file system/);
    expect(screen).toMatch(
      /\? cannot tell: every file system in \/etc\/fstab exists\n +Why: {2}it names a stick\n +Next: Look yourself\./,
    );
    expect(screen).toMatch(/10 of 11 proven/);
  });
});
