// Runs in the lab: a restore of LVM on LUKS stops in its middle, everything is closed as by a power cut, and a new engine goes on.
import { rmSync, writeFileSync } from 'node:fs';
import { reportOf } from '../../../common/errors/error.ts';
import { run } from '../../../common/run.ts';
import { newestLines, openLog } from '../../../restore/execute/log.ts';
import { planDigest } from '../../../restore/plan/digest.ts';
import type { Plan, Step } from '../../../restore/plan/step.ts';
import type { Facts } from './facts.ts';
import {
  differences,
  ended,
  openEngine,
  passphrase,
  restoreBy,
  restoredFacts,
  saveLayers,
  switchOff,
  target,
} from './layered-set.ts';
import { openDevices } from './stack-source.ts';

export interface CutResult {
  source: Facts;
  restored: Facts;
  /** Ids of the steps that the first engine ran, and of those that the second one did. */
  before: string[];
  after: string[];
  /** What the second engine said as it started. */
  failure: string | undefined;
  continueAt: string | null;
  wanted: string[];
  /** Error codes: going on without the passphrase, with a wrong one. */
  refusals: string[];
  phase: string;
  /** Whether what failed its proof was mounted at the end. */
  mounted: boolean;
  leftOpen: string[];
  differences: string;
  log: string[];
}

const obstacle = '/tmp/obstacle';

/** Stops between the files of /boot and those of /. */
function withObstacle(plan: Plan): Plan {
  const at = plan.steps.findLastIndex(({ id }) => id.startsWith('extract:'));
  const step: Step = {
    ...{ id: 'obstacle', title: 'pass the obstacle', target: 'all', destroys: null, weightBytes: 0 },
    actions: [{ type: 'run', argv: ['test', '!', '-e', obstacle] }],
  };
  const changed = { ...plan, steps: [...plan.steps.slice(0, at), step, ...plan.steps.slice(at)] };
  return { ...changed, digest: planDigest(changed) };
}

const stepsIn = (from: number): string[] =>
  newestLines()
    .slice(from)
    .flatMap((line) => /\d+\/\d+ (.*) \(/.exec(line)?.[1] ?? []);

async function refusal(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return reportOf(error).code;
  }
}

async function tryCut(): Promise<CutResult> {
  openLog('/tmp/log', () => console.log(newestLines().at(-1)));
  const { layout, set, facts } = await saveLayers();
  const first = await openEngine('boot-1', set, withObstacle);
  const plan = await first.plan([{ source: layout.disks[0]?.id ?? '', disk: target }]);
  writeFileSync(obstacle, '');
  await restoreBy(first, plan);
  const before = stepsIn(0);
  // The power goes: what was in memory is lost.
  await switchOff();
  rmSync('/tmp/boot-1', { recursive: true });
  rmSync(obstacle);

  const count = newestLines().length;
  const second = await openEngine('boot-2', set, withObstacle);
  const { failure, continueAt, continueSecrets = [] } = second.state;
  const refusals = [
    await refusal(() => second.continueRestore()),
    await refusal(() => second.secrets.give(continueSecrets[0] ?? '', 'another')),
  ];
  for (const name of continueSecrets) await second.secrets.give(name, passphrase);
  second.continueRestore();
  await ended(second);
  const { phase, mounted = false } = second.state;
  // Nothing here can boot: it is open and mounted for a person.
  await run(['umount', '-R', '/mnt/target']);
  await switchOff();
  const leftOpen = await openDevices();
  const restored = await restoredFacts();
  return {
    ...{ source: facts, restored, before, after: stepsIn(count), failure: failure?.code, continueAt },
    ...{
      wanted: continueSecrets,
      refusals,
      phase,
      mounted,
      leftOpen,
      differences: await differences(),
      log: newestLines(),
    },
  };
}

writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(await tryCut()), { flag: 'r+' });
