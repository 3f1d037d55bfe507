// Started by the tests beside it: plans a part of a restore with the real engine and carries it out, in a mount namespace of its own,
// which it gets by starting itself again.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterPrivateMounts } from '../../../../../build/namespace.ts';
import { reportOf } from '../../../../../common/errors/error.ts';
import { run } from '../../../../../common/run.ts';
import { Engine } from '../../../../../restore/execute/engine.ts';
import { lookAtDevices } from '../../../../../restore/plan/part/found.ts';
import type { PartScope } from '../../../../../restore/plan/part/names.ts';
import type { FileSystemOrder } from '../../../../../restore/plan/part/order.ts';
import { planPart } from '../../../../../restore/plan/part/scope.ts';
import type { Plan } from '../../../../../restore/plan/step.ts';
import { targetDisk } from '../machines.ts';

export interface Order {
  /** The set's directory. */
  directory: string;
  part: FileSystemOrder | { only: PartScope; targets: { source: string; disk: string }[] };
  /** What is typed; without it what the plan asks for. */
  confirm?: string;
  /** A command between plan and start: something changes meanwhile. */
  meanwhile?: [string, ...string[]];
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
enterPrivateMounts();
const work = mkdtempSync(join(tmpdir(), 'rekindle-part-'));
const logFile = join(work, 'log');
writeFileSync(logFile, '');

const engine = new Engine({
  medium: join(work, 'no-device'),
  journalFile: join(work, 'journal'),
  logFile,
  onChange: () => undefined,
});

async function planned(): Promise<Plan> {
  const { part } = order;
  if ('fileSystem' in part) return engine.plan([], {}, part);
  const { set } = engine;
  if (set?.layout == null) throw new Error('no layout');
  // The engine lists no loop devices as disks.
  const targets = await Promise.all(
    part.targets.map(async ({ source, disk }) => {
      const sizeBytes = Number((await run(['blockdev', '--getsize64', disk])).stdout);
      return { source, disk: targetDisk({ path: disk, name: disk.slice(5), sizeBytes, serial: null, wwn: null }) };
    }),
  );
  const input = { set: set.info, manifest: set.manifest, layout: set.layout, targets };
  const plan = planPart(input, part.only, await lookAtDevices());
  // A loop device is no disk that could be released.
  engine.state.plan = { ...plan, steps: plan.steps.filter(({ id }) => !id.startsWith('release:')) };
  return engine.state.plan;
}

try {
  await engine.open(async () => order.directory);
  const plan = await planned();
  if (order.meanwhile) await run(order.meanwhile);
  engine.start(plan.digest, order.confirm ?? plan.part?.confirm ?? '');
  while (engine.state.phase === 'restoring') await sleep(50);
  const { phase, failure, warnings } = engine.state;
  const steps = plan.steps.map(({ id }) => id);
  console.log(JSON.stringify({ phase, failure, warnings, steps, confirm: plan.part?.confirm }));
} catch (error) {
  console.log(JSON.stringify({ phase: 'refused', failure: reportOf(error), warnings: [], steps: [] }));
} finally {
  if (process.env.SHOW_LOG) console.error(readFileSync(logFile, 'utf8'), engine.state.log);
  rmSync(work, { recursive: true, force: true });
}
process.exit(0);
