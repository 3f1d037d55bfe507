// Started by subvolumes.test.ts: saves and restores a btrfs by the functions of `create` and of the engine, in a mount namespace of
// its own, which it gets by starting itself again.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveFileSystems } from '../../../../build/backup.ts';
import { enterPrivateMounts } from '../../../../build/namespace.ts';
import { run } from '../../../../common/run.ts';
import { executeAction } from '../../../../restore/execute/execute-action.ts';
import { captureContent } from '../../../../restore/layout/content.ts';
import { listMounts } from '../../../../restore/layout/mounts.ts';
import { mountsOfNode } from '../../../../restore/layout/node-mounts.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { type Layout, type LayoutNode, layoutSchema } from '../../../../restore/layout/schema.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import { actionContext } from '../../../fixtures/action-context.ts';
import { emptyLayout, makeSmallSet } from '../../../fixtures/small-set.ts';
import { block, inventoryOf } from '../layout/inventories.ts';
import { setOf, targetDisk } from './machines.ts';

interface Order {
  sources: string[];
  targets: string[];
  /** Subvolume by mount point: {'/': '@rootfs'}. */
  mounts: Record<string, string>;
  options: string;
  /** Listed-incremental archives. */
  listed: boolean;
  sizeBytes: number;
  /** Where `src` is mounted as the machine's root. */
  root: string;
  snapshot?: 'auto' | 'never';
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
enterPrivateMounts();
const work = mkdtempSync(join(tmpdir(), 'rekindle-subvolumes-'));
const [source = ''] = order.sources;
process.exitCode = 1;

async function mountSource(): Promise<void> {
  await run(['btrfs', 'device', 'scan', ...order.sources]);
  for (const [at, subvolume] of Object.entries(order.mounts)) {
    const where = join(order.root, at);
    mkdirSync(where, { recursive: true });
    await run(['mount', '-o', `${order.options},subvol=/${subvolume}`, source, where]);
  }
}

async function layoutOf(): Promise<Layout> {
  const inventory = inventoryOf({ mounts: await listMounts() });
  const nodes: LayoutNode[] = [];
  for (const [index, path] of order.sources.entries()) {
    const content = await captureContent(path, await probeDevice(path));
    const mounted = await mountsOfNode(block({ name: path.slice(5), path }), content, inventory);
    const common = { sizeBytes: order.sizeBytes, content, usedBytes: null };
    nodes.push({ id: `disk${index}`, origin: { type: 'disk', disk: `disk${index}` }, ...common, ...mounted });
  }
  const disks = order.sources.map((path, index) => ({
    ...{ id: `disk${index}`, name: path.slice(5), model: 'Test', serial: null, wwn: null },
    ...{ sizeBytes: order.sizeBytes, logicalSectorBytes: 512, transport: null, table: null },
  }));
  return { ...emptyLayout(), disks, nodes };
}

/** As if the machine's root had been mounted on '/'. */
function unrooted<T>(value: T): T {
  const text = JSON.stringify(value).replaceAll(`"${order.root}"`, '"/"').replaceAll(`"${order.root}/`, '"/');
  return JSON.parse(text) as T;
}

try {
  await mountSource();
  const layout = await layoutOf();
  const signal = new AbortController().signal;
  const set = await makeSmallSet({
    work,
    trees: [],
    layout: unrooted(layout),
    write: async (volumes, indexDirectory) =>
      unrooted(
        await archiveFileSystems({
          ...{ layout, volumes, indexDirectory, recipients: null, exclude: [], signal },
          ...(order.listed ? { snapshots: { directory: join(work, 'snar'), baseOf: () => null } } : {}),
          onProgress: () => undefined,
        }),
      ),
  });
  const opened = await set.open();
  const saved = layoutSchema.parse(unrooted(layout));
  for (const at of Object.keys(order.mounts).toReversed()) await run(['umount', join(order.root, at)]);
  const plan = planRestore({
    set: setOf(saved),
    manifest: opened.manifest,
    layout: saved,
    targets: order.targets.map((path, index) => ({
      source: `disk${index}`,
      disk: targetDisk({ path, name: path.slice(5), sizeBytes: order.sizeBytes }),
    })),
  });
  mkdirSync('/run/rekindle', { recursive: true });
  const context = actionContext(opened, work);
  writeFileSync(context.logFile, '');
  let mounted = '';
  for (const { id, actions } of plan.steps) {
    if (/^(release|check|table|boot|log|prove|proof)/.test(id)) continue;
    for (const action of actions) if (action.type !== 'assert-disk') await executeAction(action, context);
    if (id === 'mount:target') mounted = (await run(['findmnt', '-rn', '-t', 'btrfs', '-o', 'TARGET,FSROOT'])).stdout;
  }
  const archives = set.archives.map(({ mountPoint, subvolume, notes }) => ({ mountPoint, subvolume, notes }));
  console.log(
    JSON.stringify({
      archives,
      mounted: mounted.trim().split('\n'),
      warnings: plan.warnings,
      steps: plan.steps.map(({ id }) => id),
    }),
  );
  process.exitCode = 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}
