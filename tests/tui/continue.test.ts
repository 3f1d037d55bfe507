import { afterEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../common/errors/error.ts';
import { goodProof, plan, restoring } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;
afterEach(() => menu.close());

const failure = { code: 'RK306', message: 'The medium cannot be read.', cause: 'sr0 is empty', hint: 'Put it back.' };

it('[C15] a restore that stopped says so on top, and its code, however long the reason is', async () => {
  const cause =
    "/dev/sr0 gives no bytes any more. An outside tool failed. mount -t ext4 -o noatime /dev/vda5 /mnt/alone/disk0-5: exit 32: mount: /mnt/alone/disk0-5: unknown filesystem type 'ext4'. dmesg(1) may have more information after failed mount system call.";
  const hint =
    'Put the medium back, or clean it, then start again. A disk that was written to meanwhile is not complete.';
  const log = Array.from({ length: 40 }, (_, line) => `06:16:${line} line ${line} of the log`);
  const long = { ...failure, cause, hint };
  const { progress } = restoring;
  const steps = progress?.steps.map((step, index) => ({
    ...step,
    status: index === 3 ? ('failed' as const) : step.status,
  }));
  menu = await MenuOnScreen.open({
    state: {
      ...restoring,
      phase: 'failed',
      failure: long,
      plan,
      log,
      continueAt: 'extract /',
      progress: progress && { ...progress, steps: steps ?? [] },
    },
  });
  const screen = await menu.expect(/RK306/);
  expect(screen.split('\n')[0]).toContain('The restore stopped.');
  expect(screen).toContain('c goes on with: extract /');
  expect(screen).toContain('line 39 of the log');
  expect(screen.split('\n').at(-2)).toContain('c continue');
});

it('[C14] a countdown says whether a restore begins, or goes on after a power cut', async () => {
  menu = await MenuOnScreen.open({
    state: { ...restoring, phase: 'failed', plan, continueAt: 'extract /', countdown: 9 },
  });
  await menu.expect(/The restore that was interrupted goes on in 9 s\. Press any key to stop it\./);
  menu.show({ phase: 'idle', continueAt: null, countdown: 8 });
  await menu.expect(/It starts in 8 s\. Press any key to stop it\./);
});

describe('[C15] what was written by then', () => {
  const written = 'vda was wiped and partitioned. Filled: /boot. Filled in part: /.';

  it('stands with the failure, between why and what to do next', async () => {
    menu = await MenuOnScreen.open({ state: { ...restoring, phase: 'failed', failure, plan, written } });
    const screen = await menu.expect(/RK306/);
    expect(screen).toMatch(/Why: .*\n\s*Disks: vda was wiped and partitioned\. Filled: \/boot.*\n(.*\n)?\s*Next: /);
  });

  it('stands with a refused answer, in the menu and with the countdown that goes on', async () => {
    menu = await MenuOnScreen.open({
      state: { ...restoring, phase: 'failed', failure, plan, written, continueAt: 'extract /' },
      onCommand: async () => {
        throw new RekindleError('RK467', 'the partitions were not all made by then');
      },
    });
    await menu.expect(/c goes on with/);
    await menu.press('c');
    await menu.expect(/y or any other key/);
    await menu.press('y');
    expect(await menu.expect(/RK467/)).toContain('Disks: vda was wiped');
    menu.show({ countdown: 9 });
    expect(await menu.expect(/goes on in 9 s/)).toContain('Disks: vda was wiped');
    menu.show({ countdown: null, phase: 'idle', problem: failure, failure: null });
    expect(await menu.expect(/Restore this machine/)).toContain('Disks: vda was wiped');
  });
});

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

  it('can leave the step out that stopped: its words must be typed, after what that costs was shown', async () => {
    const skippable = {
      step: 'boot:grub',
      title: 'install GRUB for BIOS',
      consequence: 'The restored machine may not start by itself: start it from another medium.',
      words: 'without boot loader',
    };
    menu = await MenuOnScreen.open({
      state: { ...restoring, phase: 'failed', failure, continueAt: skippable.title, skippable },
    });
    expect(await menu.expect(/S skip: The restored machine may not start by itself/)).toContain('S skip   r from');
    await menu.press('S');
    await menu.expect(/Type "without boot loader" and Enter to go on: _/);
    // A typed ! opens no shell now: it is shown and sent as typed, and is not enough.
    await menu.press('y');
    await menu.press('!');
    await menu.press('\r');
    await menu.expect(/S skip {3}r from/);
    expect(menu.commands).toMatchObject([{ command: 'skip-step', step: 'boot:grub', confirm: 'y!' }]);
    await menu.press('s');
    for (const key of 'without boot loader') await menu.press(key);
    await menu.expect(/go on: without boot loader_/);
    await menu.press('\r');
    await menu.expect(/S skip {3}r from/);
    expect(menu.commands.at(-1)).toMatchObject({ command: 'skip-step', confirm: 'without boot loader' });
  });

  it('never skips what cannot be skipped', async () => {
    menu = await MenuOnScreen.open({
      state: { ...restoring, phase: 'failed', failure, continueAt: 'extract /: 9.1 GB, 214,337 files' },
    });
    expect(await menu.expect(/c goes on with/)).not.toContain('skip');
    await menu.press('S');
    for (const key of 'without /\r') await menu.press(key);
    expect(menu.commands).toEqual([]);
  });

  it('whose partitions were not all made plans the same again, and asks for the name of the disk', async () => {
    menu = await MenuOnScreen.open({
      state: {
        ...restoring,
        phase: 'failed',
        failure,
        plan: { ...plan, room: 'filled', asked: { larger: 'fill', wishes: { 'disk0:2': 2 ** 30 } } },
      },
    });
    await menu.expect(/It cannot go on in the middle\. r plans the same again, from the beginning\./);
    await menu.press('r');
    await menu.expect(/Type the disk's name \(vda\) and Enter to start/);
    expect(menu.commands).toMatchObject([
      {
        command: 'plan',
        targets: [{ source: 'disk0', disk: '/dev/vda' }],
        sizes: { larger: 'fill', wishes: { 'disk0:2': 2 ** 30 } },
      },
    ]);
  });

  it('before the partitions were made is only offered from the beginning', async () => {
    menu = await MenuOnScreen.open({ state: { ...restoring, phase: 'failed', failure } });
    expect(await menu.expect(/r from the beginning/)).not.toContain('c continue');
    await menu.press('c');
    await menu.press('y');
    expect(menu.commands).toEqual([]);
  });
});

describe('[C10] a restore that left steps out', () => {
  it('says so in its heading, and what that means, before anything else', async () => {
    const skipped = [
      { step: 'boot:grub', title: 'install GRUB for BIOS', consequence: 'It may not start by itself.' },
      { step: 'extract:disk0:6', title: 'extract /home: 1 GB, 7 files', consequence: 'Files of /home are missing.' },
    ];
    menu = await MenuOnScreen.open({ state: { ...restoring, phase: 'restored', proof: goodProof, skipped } });
    const screen = await menu.expect(/Restored, without 2 steps of the plan\. Will it boot\?/);
    expect(screen).toContain('! Left out: install GRUB for BIOS. It may not start by itself.');
    expect(screen).toContain('! Left out: extract /home: 1 GB, 7 files. Files of /home are missing.');
  });
});
