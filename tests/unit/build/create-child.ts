// Started by backup.test.ts: create needs a mount namespace, which it gets by starting itself again.
import { createMedium } from '../../../build/create.ts';
import { parseDestination } from '../../../build/destination.ts';
import { enterPrivateMounts } from '../../../build/namespace.ts';
import { reportOf } from '../../../common/errors/error.ts';
import { debianKernel } from './debian-kernel.ts';
import { sampleLayout } from './sample-layout.ts';

const [mountPoint = '', to = '', workDirectory] = process.argv.slice(2);
enterPrivateMounts();
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
let phase = '';
try {
  const result = await createMedium({
    destination: await parseDestination(to),
    layout: await sampleLayout(mountPoint),
    executable: '/usr/bin/true',
    kernelArguments: [],
    kernel: await debianKernel(),
    signal: stop.signal,
    ...(workDirectory === undefined ? {} : { workDirectory }),
    onProgress: (progress) => {
      if (progress.phase !== phase) console.log(`phase ${progress.phase}`);
      phase = progress.phase;
    },
  });
  console.log(`result ${JSON.stringify(result)}`);
} catch (error) {
  console.log(`failed ${JSON.stringify(reportOf(error))}`);
  process.exitCode = 1;
}
