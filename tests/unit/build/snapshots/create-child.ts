// Started by create.test.ts: create needs a mount namespace, which it gets by starting itself again.
import { createMedium } from '../../../../build/create.ts';
import { parseDestination } from '../../../../build/destination.ts';
import { enterPrivateMounts } from '../../../../build/namespace.ts';
import { reportOf } from '../../../../common/errors/error.ts';
import { debianKernel } from '../debian-kernel.ts';
import { layoutOf } from './layout-of.ts';

const [mountPoint = '', uuid = '', to = '', store = '', level = ''] = process.argv.slice(2);
enterPrivateMounts();
try {
  const result = await createMedium({
    destination: await parseDestination(to),
    layout: await layoutOf(mountPoint, uuid),
    executable: '/usr/bin/true',
    kernelArguments: [],
    kernel: await debianKernel(),
    signal: new AbortController().signal,
    snapshots: {
      store,
      level: level === 'full' ? 'full' : 'incremental',
      keep: { full: 1, incremental: 1 },
    },
    onProgress: () => undefined,
  });
  console.log(`result ${JSON.stringify(result)}`);
} catch (error) {
  console.log(`failed ${JSON.stringify(reportOf(error))}`);
  process.exitCode = 1;
}
