import { mkdir } from 'node:fs/promises';
import { run } from '../../../common/run.ts';
import { describeDisks } from '../../../restore/layout/capture.ts';
import { takeInventory } from '../../../restore/layout/inventory.ts';
import type { Layout } from '../../../restore/layout/schema.ts';
import { type Facts, factsOf } from './facts.ts';
import { deviceOf, stackShell } from './stack-shell.ts';
import type { StackRecipe } from './stacks.ts';

/** Below /mnt/lab, each with some files. */
export async function mountAll(recipe: StackRecipe, on: readonly string[]): Promise<void> {
  for (const [at, text] of Object.entries(recipe.mounts)) {
    await mkdir(`/mnt/lab${at}`, { recursive: true });
    await run(['mount', await deviceOf(text, on), `/mnt/lab${at}`]);
    await run(['cp', '-r', '/etc/udev', `/mnt/lab${at}`]);
  }
}

/** Where the recipe has it mounted counts, not where it is in the lab. */
export async function capture(on: readonly string[]): Promise<Layout> {
  await run(['udevadm', 'settle']);
  const inventory = await takeInventory();
  const chosen = inventory.devices.filter(({ path }) => on.includes(path));
  const layout = await describeDisks(inventory, chosen);
  for (const { mount } of layout.nodes) if (mount !== null) mount.at = mount.at.replace(/^\/mnt\/lab/, '') || '/';
  return layout;
}

export async function factsWhileOpen(recipe: StackRecipe, on: readonly string[]): Promise<Facts> {
  await stackShell(recipe.open, on);
  const facts = await factsOf(on, recipe.exact);
  await stackShell(recipe.close, on);
  return facts;
}

export async function openDevices(): Promise<string[]> {
  const { stdout } = await run(['lsblk', '--noheadings', '--list', '-o', 'NAME,TYPE']);
  return stdout.split('\n').filter((line) => !/ (disk|part|rom)\s*$/.test(line) && line.trim() !== '');
}
