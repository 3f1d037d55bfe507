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

/** Presses the keys of a restore on the serial line, as a person would: disk, plan, name, result. */
export async function restoreBySerial(machine: Machine, name: string): Promise<void> {
  machine.send('1');
  await machine.expectScreen(/which disk/, 60);
  const choice = await machine.expectScreen(new RegExp(`\\d ${name} `), 60);
  const number = new RegExp(`(\\d) ${name} `).exec(choice)?.[1] ?? '1';
  machine.send(number);
  await machine.expectScreen(/Type the disk's name/, 60);
  // Enter alone must start nothing.
  machine.send('\r');
  await sleep(1500);
  await machine.expectScreen(/Type the disk's name/, 10);
  machine.send(`${name}`);
  await machine.expectScreen(new RegExp(`start: ${name}`), 20);
  machine.send('\r');
  await machine.expectScreen(/Restoring /, patience.verify);
  await waitForResult(machine);
}

/** Fails at once with what the screen says when the restore stopped. */
export async function waitForResult(machine: Machine): Promise<void> {
  const screen = await machine.expectScreen(/Restored\.|The restore stopped/, patience.restore);
  if (!screen.includes('Restored.')) throw new Error(`the restore stopped:\n${screen}\nLog: ${machine.logFile}`);
}
