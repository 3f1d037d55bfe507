// `npm test` and `npm run test:vm`: the tiers one after the other, one closing line 'N passed, N failed'.
import { join } from 'node:path';
import { runCommandTier, runVitestTier, sayTally, type Tally } from './test/tiers.ts';

const root = join(import.meta.dirname, '..');
const wanted = process.argv[2] === 'vm' ? 'vm' : 'default';

const tallies: Tally[] = [];
tallies.push(await runCommandTier('types', ['tsc', '--noEmit'], root));
tallies.push(await runCommandTier('lint', [process.execPath, 'dev/lint.ts'], root));
tallies.push(await runCommandTier('docs are current', [process.execPath, 'dev/docs.ts', '--check'], root));
tallies.push(await runVitestTier('unit and screens', ['--project', 'unit'], root));
tallies.push(await runCommandTier('build', [process.execPath, 'build/bundle/main.ts'], root));
tallies.push(await runVitestTier('namespaces', ['--project', 'namespaces'], root));
if (wanted === 'vm') {
  tallies.push(await runVitestTier('faults', ['--project', 'faults'], root));
  tallies.push(await runVitestTier('scale', ['--project', 'scale'], root));
}
tallies.push(await runVitestTier('virtual machines', ['--project', wanted === 'vm' ? 'vm-all' : 'vm'], root));

process.exit(sayTally(tallies));
