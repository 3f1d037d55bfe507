// Runs one of the installed npm tools under the pinned Node: `node dev/tool.ts vitest run`.
import { spawnSync } from 'node:child_process';

const [tool, ...args] = process.argv.slice(2);
if (!tool) throw new Error('usage: dev/tool.ts TOOL [ARG...]');
const done = spawnSync(tool, args, { stdio: 'inherit' });
if (done.error) throw done.error;
process.exit(done.status ?? 1);
