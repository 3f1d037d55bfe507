// node tests/bench/archive-index.ts [MEMBERS]: builds and searches an index of 5 million files, each step in a process of its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../common/format.ts';

const members = process.argv[2] ?? '5000000';
const script = join(import.meta.dirname, '../fixtures/index-child.ts');
const work = mkdtempSync(join(tmpdir(), 'rekindle-index-'));

interface Result {
  seconds: number;
  cpuSeconds: number;
  peakBytes: number;
  size?: number;
}

function measure(name: string, ...words: string[]): void {
  const argv = ['--disable-warning=ExperimentalWarning', script, ...words];
  const result: Result = JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' }));
  const size = result.size === undefined ? '' : `, ${formatBytes(result.size)} on disk`;
  const times = `${result.seconds.toFixed(1)} s (${result.cpuSeconds.toFixed(1)} s of CPU)`;
  console.log(`${name}: ${times}, peak ${formatBytes(result.peakBytes)}${size}`);
}

try {
  const file = join(work, 'x.idx');
  measure(`build ${members} members`, 'build', file, members);
  measure('table of frames', 'frames', file);
  measure('find one file', 'find', file, 'srv/mail/user-0123/cur/none');
  measure('find a folder of 1,000', 'find', file, 'srv/mail/user-0123');
  measure('read every record', 'read', file);
} finally {
  rmSync(work, { recursive: true, force: true });
}
