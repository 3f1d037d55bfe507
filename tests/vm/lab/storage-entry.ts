// Runs in the lab: builds each stack, captures it, restores it onto other disks, and writes what the tools say of both.
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import type { Manifest, SetInfo } from '../../../restore/archive/set-schema.ts';
import { executeAction } from '../../../restore/execute/execute-action.ts';
import { Journal } from '../../../restore/execute/journal.ts';
import { log, newestLines, openLog } from '../../../restore/execute/log.ts';
import type { Layout } from '../../../restore/layout/schema.ts';
import { listTargetDisks } from '../../../restore/plan/disks.ts';
import { lookAtDevices } from '../../../restore/plan/part/found.ts';
import type { PartScope } from '../../../restore/plan/part/names.ts';
import { planPart } from '../../../restore/plan/part/scope.ts';
import { type PlanInput, planRestore } from '../../../restore/plan/plan.ts';
import type { Plan } from '../../../restore/plan/step.ts';
import type { Facts } from './facts.ts';
import { stackShell as shell } from './stack-shell.ts';
import { capture, factsWhileOpen, mountAll, openDevices } from './stack-source.ts';
import { recipes, type StackRecipe } from './stacks.ts';

export interface StackResult {
  name: string;
  error: string | null;
  /** Of the disks that were saved, and of the restored ones: blank before, then dirty with the same storage. */
  source: Facts;
  blank: Facts;
  dirty: Facts;
  /** Mount points where "boot loader only" found what "files only" had written. */
  parts: string[];
  warnings: string[];
  /** SHA-256 of the saved disks before and after the restores. */
  digests: [before: string[], after: string[]];
  layout: Layout | null;
  /** Devices that were still open after the plan's last step. */
  leftOpen: string[];
  log: string[];
}

const passphrase = 'correct horse';
const mark = 'was-here';
const disks = Array.from({ length: 8 }, (_, index) => realpathSync(`/dev/disk/by-id/virtio-disk${index}`));

async function planOf(layout: Layout, targets: PlanInput['targets'], part?: PartScope): Promise<Plan> {
  const sha256 = 'ab'.repeat(32);
  const file = { path: 'x', size: 1, sha256 };
  const uuid = '11111111-2222-4333-8444-555555555555';
  const set: SetInfo = {
    format: 2,
    set: uuid,
    volume: 1,
    volumes: 1,
    createdAt: '2026-11-20T02:00:00Z',
    rekindleVersion: '0',
    machine: layout.machine,
    files: [],
  };
  const archives = layout.nodes.flatMap(({ id, mount }): Manifest['archives'] =>
    mount === null
      ? []
      : [
          {
            ...{ name: id, parts: [{ volume: 1, ...file }], size: 1, index: file, frames: 1, mountPoint: mount.at },
            ...{ node: id, tarSize: 1, members: 1, attributes: 0, notes: 0 },
          },
        ],
  );
  const manifest: Manifest = { format: 2, set: uuid, volumes: 1, layout: file, archives, files: [] };
  const here = { firmware: 'bios' as const, bootEntries: [], partitionIds: [], memoryBytes: 4 * 2 ** 30 };
  const input: PlanInput = { set, manifest, layout, targets, here };
  return part === undefined ? planRestore(input) : planPart(input, part, await lookAtDevices());
}

/** All of the plan but what needs archives: a file each stands for those. */
async function restore(
  layout: Layout,
  on: readonly string[],
  part?: PartScope,
  onMounted = async (): Promise<void> => undefined,
): Promise<Plan> {
  const here = await listTargetDisks({ mediumDevices: [], layout });
  const targets = layout.disks.map((saved, index) => {
    const disk = here.find(({ path }) => path === on[index]);
    if (disk === undefined) throw new Error(`${on[index]} is not listed`);
    return { source: saved.id, disk };
  });
  const plan = await planOf(layout, targets, part);
  const context = {
    journal: new Journal('/tmp/journal'),
    logFile: '/tmp/log',
    onExtract: () => undefined,
    secrets: new Map((plan.secrets ?? []).map(({ name }) => [name, passphrase])),
    // No step that is carried out here reads the set.
    access: {
      set: { info: {}, manifest: null, layout: null, volumes: new Map() },
      identities: [],
      openPart: () => Promise.reject(new Error('no set')),
    },
  } as unknown as Parameters<typeof executeAction>[1];
  for (const step of plan.steps) {
    if (/^(log|prove|flags:|boot:)/.test(step.id)) continue;
    log(`== ${step.id}`);
    for (const action of step.actions)
      if (action.type !== 'extract') await executeAction(action, context);
      else if (part === 'files') await writeFile(join(action.at, mark), '');
    if (step.id === 'mount:target') await onMounted();
  }
  return plan;
}

/** What is there is opened, written into, and closed again: once left open by somebody, once closed. */
async function tryParts(recipe: StackRecipe, layout: Layout, target: readonly string[]): Promise<string[]> {
  await shell(recipe.open, target);
  await restore(layout, target, 'files');
  const found: string[] = [];
  await restore(layout, target, 'boot-loader', async () => {
    for (const at of Object.keys(recipe.mounts)) if (existsSync(join('/mnt/target', at, mark))) found.push(at);
  });
  return found;
}

async function digestsOf(on: readonly string[]): Promise<string[]> {
  const { stdout } = await run(['sha256sum', ...on]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
}

/** On the serial line at once: the whole result comes only at the end. */
function tell(kind: string, source: Facts, restored: Facts): void {
  const keys = [...new Set([...Object.keys(source), ...Object.keys(restored)])];
  const other = keys.filter((key) => JSON.stringify(source[key]) !== JSON.stringify(restored[key]));
  console.log(`${kind}: ${keys.length - other.length} of ${keys.length} facts are the same`);
  for (const key of other)
    console.log(`${key}\n  was ${JSON.stringify(source[key])}\n  is  ${JSON.stringify(restored[key])}`);
}

async function tryStack(recipe: StackRecipe, index: number): Promise<StackResult> {
  const source = disks.slice(0, recipe.disks);
  // Another order than the source's: names must not matter.
  const target = disks.slice(4, 4 + recipe.disks).toReversed();
  const result: StackResult = {
    ...{ name: recipe.name, error: null, source: {}, blank: {}, dirty: {}, warnings: [], digests: [[], []] },
    ...{ parts: [], layout: null, leftOpen: [], log: [] },
  };
  openLog('/tmp/log', () => console.log(newestLines().at(-1)));
  try {
    for (const disk of [...source, ...target]) await run(['blkdiscard', '--zeroout', disk]);
    await shell(recipe.make, source);
    await mountAll(recipe, source);
    const layout = await capture(source);
    result.layout = layout;
    await run(['umount', '-R', '/mnt/lab']);
    if (recipe.without !== undefined) await shell(recipe.without, source);
    await shell(recipe.close, source);
    result.source = await factsWhileOpen(recipe, source);
    result.digests[0] = await digestsOf(source);
    result.warnings = (await restore(layout, target)).warnings;
    result.leftOpen = await openDevices();
    result.blank = await factsWhileOpen(recipe, target);
    // Left open: the plan itself has to release it.
    await shell(recipe.open, target);
    await restore(layout, target);
    result.leftOpen.push(...(await openDevices()));
    result.dirty = await factsWhileOpen(recipe, target);
    result.parts = await tryParts(recipe, layout, target);
    result.leftOpen.push(...(await openDevices()));
    result.digests[1] = await digestsOf(source);
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? String(error.reason) : '';
    result.error = `${error instanceof Error ? error.stack : String(error)} ${reason}`;
    console.log(result.error);
    const { stdout } = await run(['bash', '-c', 'lsblk; cat /proc/mdstat; dmesg | tail -15'], { okExit: [0, 1] });
    result.log = [...newestLines().slice(-25), ...stdout.split('\n')];
    // Whatever is open must not be in the way of the next one.
    const clean =
      'umount -R /mnt/lab /mnt/target /mnt/alone/*; for i in 1 2 3; do dmsetup remove_all; mdadm --stop --scan; done; true';
    await run(['bash', '-c', clean], { okExit: [0, 1] });
  }
  for (const [kind, facts] of Object.entries({ blank: result.blank, dirty: result.dirty }))
    tell(kind, result.source, facts);
  console.log(
    `same disks: ${String(result.digests[0]) === String(result.digests[1])}, left open: ${result.leftOpen.join() || 'nothing'}`,
  );
  console.log(
    `stack ${index}: ${recipe.name}: ${result.error === null ? 'done' : 'FAILED'} ${process.uptime().toFixed(0)} s`,
  );
  return result;
}

const wanted = process.env.LAB_STACKS?.split(',').map(Number);
const results: StackResult[] = [];
for (const [index, recipe] of recipes.entries())
  if (wanted === undefined || wanted.includes(index)) results.push(await tryStack(recipe, index));
writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(results), { flag: 'r+' });
