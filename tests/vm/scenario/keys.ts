import { setTimeout as sleep } from 'node:timers/promises';
import { Machine, type MachineOptions } from '../harness/machine.ts';

/** Minutes of emulation, on a machine that others use too. */
export const patience = { boot: 180, verify: 300, restore: 1500, login: 300 } as const;

/** Starts the medium from CD and waits for the menu's first frame on the serial line. */
export async function bootMedium(options: MachineOptions): Promise<Machine> {
  const machine = await Machine.start({ boot: 'cdrom', ...options });
  await machine.expectScreen(/Restore this machine/, patience.boot);
  return machine;
}

/** One of a machine's screens with its keyboard, as a person sits before it. */
export interface Console {
  type(text: string): Promise<void>;
  /** Waits for the screen to show this; gives the screen. */
  expect(pattern: RegExp, seconds: number): Promise<string>;
}

export function serialConsole(machine: Machine): Console {
  return {
    type: async (text) => machine.send(text.replaceAll('\n', '\r')),
    expect: (pattern, seconds) => machine.expectScreen(pattern, seconds),
  };
}

/** The keyboard by QEMU's sendkey, the screen by what VGA shows. */
export function vgaConsole(machine: Machine): Console {
  return {
    type: (text) => machine.monitor.type(text),
    expect: (pattern, seconds) => machine.expectVga(pattern, seconds),
  };
}

/** Presses the keys up to the plan, which then shows for the disk of this name. */
export async function planOnto(screen: Console, name: string, question = /Type the disk's name/): Promise<void> {
  // The menus of the other consoles come after that of /dev/console.
  await screen.expect(/Restore this machine/, patience.boot);
  await screen.type('1');
  await screen.expect(/which disk/, 60);
  const choice = await screen.expect(new RegExp(`\\d +${name} `), 60);
  await screen.type(new RegExp(`(\\d) +${name} `).exec(choice)?.[1] ?? '1');
  await screen.expect(question, 60);
}

/** Presses the keys of a restore, as a person would: disk, plan, name. Ends when the restore runs. */
export async function startRestore(screen: Console, name: string): Promise<void> {
  await planOnto(screen, name);
  // Enter alone must start nothing.
  await screen.type('\n');
  await sleep(1500);
  await screen.expect(/Type the disk's name/, 10);
  await screen.type(name);
  await screen.expect(new RegExp(`start: ${name}`), 20);
  await screen.type('\n');
  await screen.expect(/Restoring /, patience.verify);
}

/** The whole restore; fails at once with what the screen says when it stopped. */
export async function restoreThrough(screen: Console, name: string): Promise<void> {
  await startRestore(screen, name);
  const shown = await screen.expect(/Restored\.|The restore stopped/, patience.restore);
  if (!shown.includes('Restored.')) throw new Error(`the restore stopped:\n${shown}`);
}

/** Chooses Reboot on the screen that says Restored; the machine ends there. */
export async function rebootThrough(screen: Console, machine: Machine): Promise<void> {
  await screen.type('\n');
  await screen.expect(/Type y or n/, 30);
  await screen.type('y');
  await machine.expectEnd(120);
}

/** Boots the medium, restores onto the disk of that name by key presses, and reboots. @param consoleOf where keys go and what is read */
export async function restoreByKeys(
  options: Parameters<typeof bootMedium>[0],
  name: string,
  consoleOf: (machine: Machine) => Console = serialConsole,
): Promise<void> {
  const machine = await bootMedium(options);
  try {
    const screen = consoleOf(machine);
    await restoreThrough(screen, name);
    await rebootThrough(screen, machine);
  } finally {
    await machine.close();
  }
}
