import { expect } from 'vitest';
import { Machine, type MachineOptions } from '../harness/machine.ts';
import { collectDisk } from '../manifest/collect.ts';
import { compareDisks, renderComparison } from '../manifest/compare.ts';
import { patience } from './keys.ts';

/** Compares source and target offline; prints the list of what may differ with its counts. */
export async function expectSame(source: string, target: string): Promise<{ identical: number; allowed: number }> {
  const comparison = compareDisks(await collectDisk(source), await collectDisk(target));
  console.log(renderComparison(comparison));
  expect(comparison.unexpected).toEqual([]);
  expect(comparison.layout).toBe('');
  expect(comparison.identical).toBeGreaterThan(5000);
  return { identical: comparison.identical, allowed: comparison.allowed.length };
}

/** Boots the restored disk alone, neither source nor medium attached, to its login prompt, and logs in. */
export async function expectBoots(options: MachineOptions, passphrase?: string): Promise<void> {
  const machine = await Machine.start({ boot: 'disk', ...options });
  try {
    if (passphrase !== undefined) await machine.unlock(passphrase);
    await machine.login(patience.login);
    const failed = 'systemctl --failed --no-legend | grep -v "^$"';
    // What failed, and why, is in the console's log then.
    const told =
      'systemctl --failed --plain --no-legend | while read -r unit rest; do systemctl status -l -n 30 "$unit"; done';
    expect(await machine.shell(`systemctl is-system-running --wait; ! ${failed} || { ${told}; false; }`, 180)).toBe(0);
    expect(await machine.shell('test $(wc -l < /proc/swaps) -gt 1')).toBe(0);
    machine.send('poweroff\n');
    await machine.expectEnd(120);
  } finally {
    await machine.close();
  }
}
