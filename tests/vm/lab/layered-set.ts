import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../common/run.ts';
import { Engine } from '../../../restore/execute/engine.ts';
import { planOnto } from '../../../restore/execute/planning.ts';
import type { Layout } from '../../../restore/layout/schema.ts';
import type { Plan } from '../../../restore/plan/step.ts';
import { makeSmallSet, type SmallSet } from '../../fixtures/small-set.ts';
import type { Facts } from './facts.ts';
import { stackShell } from './stack-shell.ts';
import { capture, factsWhileOpen, mountAll } from './stack-source.ts';
import { recipes, type StackRecipe } from './stacks.ts';

/** LVM on LUKS2, /boot on a partition, restored in the lab by the engine. */
const [recipe] = recipes as [StackRecipe];
export const [source = '', target = ''] = [0, 1].map((index) => realpathSync(`/dev/disk/by-id/virtio-disk${index}`));
/** Of the encryption that a restore makes. */
export const passphrase = 'chosen for the restore';

export interface LayeredSource {
  layout: Layout;
  set: SmallSet;
  facts: Facts;
}

/** Builds it on the source disk, saves it as a set in memory, and closes it. @param change what the set says of the layout */
export async function saveLayers(change = (layout: Layout): Layout => layout): Promise<LayeredSource> {
  await stackShell(recipe.make, [source]);
  await mountAll(recipe, [source]);
  const layout = change(await capture([source]));
  for (const [from, to] of [
    ['/mnt/lab/.', '/tmp/root'],
    ['/mnt/lab/boot/.', '/tmp/boot'],
  ] as const)
    await run(['cp', '-ax', from, to]);
  const nodeAt = (at: string): string => layout.nodes.find(({ mount }) => mount?.at === at)?.id ?? '';
  const set = await makeSmallSet({
    work: '/tmp',
    layout,
    trees: [
      { source: '/tmp/root', mountPoint: '/', node: nodeAt('/') },
      { source: '/tmp/boot', mountPoint: '/boot', node: nodeAt('/boot') },
    ],
  });
  await run(['umount', '-R', '/mnt/lab']);
  await stackShell(recipe.close, [source]);
  return { layout, set, facts: await factsWhileOpen(recipe, [source]) };
}

/** @param boot names what is gone with the power @param change what a plan has besides, each time that it is planned */
export async function openEngine(boot: string, set: SmallSet, change = (plan: Plan): Plan => plan): Promise<Engine> {
  mkdirSync(`/tmp/${boot}`, { recursive: true });
  const seal = { rdBase: { size: 1, sha256: '0'.repeat(64) }, journalKey: 'a1'.repeat(32) };
  writeFileSync('/tmp/seal.json', JSON.stringify(seal));
  const engine = new Engine({
    medium: '/tmp',
    journalFile: `/tmp/${boot}/journal`,
    logFile: '/tmp/log',
    sealFile: '/tmp/seal.json',
    planOnto: async (opened, order) => change(await planOnto(opened, order)),
    onChange: () => undefined,
  });
  await engine.open(
    async () => set.directory(1),
    () => engine.lookOnDisks([1, 2, 3].map((number) => `${target}${number}`)),
  );
  return engine;
}

export async function ended(engine: Engine): Promise<void> {
  while (engine.state.phase === 'restoring') await sleep(50);
}

/** Restores by this plan, up to its end or to where it stops. */
export async function restoreBy(engine: Engine, plan: Plan): Promise<void> {
  engine.state.plan = plan;
  for (const { name } of plan.secrets ?? []) await engine.secrets.give(name, passphrase);
  engine.start(plan.digest, plan.targets[0]?.disk.name ?? '');
  await ended(engine);
}

/** Nothing of a restore is open any more. */
export async function switchOff(): Promise<void> {
  await stackShell('vg vgchange -qq -an vg0; dmsetup remove_all', [target]);
}

const withPassphrase = (script: string): string =>
  script.replaceAll("printf 'correct horse'", `printf '${passphrase}'`);

export function restoredFacts(): Promise<Facts> {
  return factsWhileOpen({ ...recipe, open: withPassphrase(recipe.open) }, [target]);
}

/** Files of the saved trees that came back otherwise. */
export async function differences(): Promise<string> {
  await stackShell(withPassphrase(recipe.open), [target]);
  const script = `mkdir -p /mnt/look; mount -o ro ${recipe.mounts['/']} /mnt/look; mount -o ro ${target}2 /mnt/look/boot
    { diff -r --no-dereference /tmp/root /mnt/look; diff -r --no-dereference /tmp/boot /mnt/look/boot; } 2>&1 || true; umount -R /mnt/look`;
  const { stdout } = await run(['bash', '-ec', script]);
  await stackShell(recipe.close, [target]);
  return stdout;
}
