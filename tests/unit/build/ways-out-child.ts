// Started by ways-out.test.ts: the real create of a small file system, with hooks, that something happens to while it saves.
import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createMedium } from '../../../build/create.ts';
import { parseDestination } from '../../../build/destination.ts';
import { enterPrivateMounts } from '../../../build/namespace.ts';
import { type Progress, ProgressDisplay } from '../../../build/progress.ts';
import { stoppable } from '../../../build/stop.ts';
import { renderReport, reportOf } from '../../../common/errors/error.ts';
import { layoutOf } from './snapshots/layout-of.ts';

const [source = '', to = '', store = '', rescue = '', happens = '', before = '', ...after] = process.argv.slice(2);
enterPrivateMounts();

const events: Readonly<Record<string, () => void>> = {
  uncaught: () => void setImmediate(() => JSON.parse('{ uncaught')),
  rejection: () => void Promise.reject(new Error('nobody looks')),
  limit: () => void execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=65536']),
  full: () => {
    const { bavail, bsize } = statfsSync(dirname(to));
    execFileSync('fallocate', ['--length', String(bavail * bsize), join(dirname(to), 'balloon')]);
  },
};

let happened = false;
function onProgress({ phase }: Progress): void {
  if (happened || !phase.startsWith('save')) return;
  happened = true;
  if (happens.startsWith('SIG')) process.kill(process.pid, happens);
  else events[happens]?.();
}

const shell = (line: string): [string, ...string[]] => ['sh', '-c', line];
const display = new ProgressDisplay(process.stderr);
try {
  const destination = await parseDestination(`iso:${to}`);
  const layout = await layoutOf(source, '6c2f9e4e-0000-4000-8000-000000000001');
  const result = await stoppable((signal) =>
    createMedium({
      ...{ destination, layout, rescue, executable: '/usr/bin/true', kernelArguments: [], signal },
      snapshots: { store, level: 'full', keep: { full: 1, incremental: 0 } },
      hooks: { before: [shell(before)], after: after.map(shell), 'time-limit': 2 },
      onProgress: (progress) => {
        display.update(progress);
        onProgress(progress);
      },
    }),
  );
  process.stdout.write(`result ${JSON.stringify(result)}\n`);
} catch (error) {
  process.stdout.write(`failed ${renderReport(reportOf(error))}\n`);
  process.exitCode = 1;
}
