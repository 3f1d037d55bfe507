// PID 1 of a pid namespace for supervise.test.ts: the supervisor's parts, without what would touch the machine.
import { existsSync } from 'node:fs';
import { spawnOwn, startReaper } from '../../../../init/stage2/children.ts';
import { supervise } from '../../../../init/stage2/supervise.ts';

startReaper();
supervise({ name: 'steady', argv: ['/bin/sleep', '1000'] });
supervise({ name: 'brittle', argv: ['/bin/sh', '-c', 'exit 3'] });
supervise({ name: 'absent', argv: ['/no/such/program'] });
// A child that leaves orphans behind and is itself waited for by libuv.
const child = spawnOwn('/bin/sh', ['-c', '(sleep 0.3; exit 1) & (sleep 0.3) & exit 5'], { stdio: 'ignore' });
child.on('exit', (code) => console.log(`libuv saw exit ${code}`));
const timer = setInterval(() => {
  if (!existsSync(process.argv[2] ?? '')) return;
  clearInterval(timer);
  process.exit(0);
}, 50);
