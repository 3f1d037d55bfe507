// Runs in the lab with 1 GiB of memory: LVM on LUKS2 whose passphrase took 1 GiB to check is restored by the engine.
import { writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { run } from '../../../common/run.ts';
import { newestLines, openLog } from '../../../restore/execute/log.ts';
import type { Layout } from '../../../restore/layout/schema.ts';
import type { Facts } from './facts.ts';
import { differences, openEngine, restoreBy, restoredFacts, saveLayers, switchOff, target } from './layered-set.ts';

export interface SmallMemoryResult {
  memoryBytes: number;
  source: Facts;
  restored: Facts;
  warnings: string[];
  /** Of the new key slot. */
  memoryKiB: number;
  phase: string;
  differences: string;
  log: string[];
}

/** As a machine with more memory had made it: cryptsetup takes 1 GiB where it is there. */
function madeWithMuch(layout: Layout): Layout {
  for (const { content } of layout.nodes)
    if (content?.kind === 'luks')
      for (const { pbkdf } of content.keySlots) if (pbkdf.type !== 'pbkdf2') pbkdf.memoryKiB = 1 << 20;
  return layout;
}

async function tryRestore(): Promise<SmallMemoryResult> {
  openLog('/tmp/log', () => console.log(newestLines().at(-1)));
  const { layout, set, facts } = await saveLayers(madeWithMuch);
  const engine = await openEngine('boot-1', set);
  const plan = await engine.plan([{ source: layout.disks[0]?.id ?? '', disk: target }]);
  await restoreBy(engine, plan);
  // Nothing here can boot: it is open and mounted for a person.
  await run(['umount', '-R', '/mnt/target']);
  await switchOff();
  const { stdout } = await run(['cryptsetup', 'luksDump', `${target}3`]);
  return {
    ...{ memoryBytes: totalmem(), source: facts, restored: await restoredFacts(), warnings: plan.warnings },
    ...{ memoryKiB: Number(/Memory:\s*(\d+)/.exec(stdout)?.[1]), phase: engine.state.phase },
    ...{ differences: await differences(), log: newestLines() },
  };
}

writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(await tryRestore()), { flag: 'r+' });
