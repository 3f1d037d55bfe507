// Started by the fault tests: the real create of a small file system with snapshots, in two volumes, with a small rescue system.
import { createMedium } from '../../build/create.ts';
import { parseDestination } from '../../build/destination.ts';
import { enterPrivateMounts } from '../../build/namespace.ts';
import { reportOf } from '../../common/errors/error.ts';
import { layoutOf } from '../unit/build/snapshots/layout-of.ts';

const [source = '', to = '', store = '', rescue = '', volumeSize = '', workDirectory] = process.argv.slice(2);
enterPrivateMounts();
try {
  const result = await createMedium({
    destination: await parseDestination(`iso:${to}`),
    layout: await layoutOf(source, '6c2f9e4e-0000-4000-8000-000000000001'),
    executable: '/usr/bin/true',
    rescue,
    kernelArguments: [],
    volumeSize: Number(volumeSize),
    ...(workDirectory === undefined ? {} : { workDirectory }),
    snapshots: { store, level: 'full', keep: { full: 1, incremental: 0 } },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  console.log(`result ${JSON.stringify(result)}`);
} catch (error) {
  console.log(`failed ${JSON.stringify(reportOf(error))}`);
  process.exitCode = 1;
}
