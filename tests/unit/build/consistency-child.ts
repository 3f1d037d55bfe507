// Started by consistency.test.ts: a mount namespace of its own, which it gets by starting itself again.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeze, type SnapshotChoice } from '../../../build/consistency.ts';
import { enterPrivateMounts } from '../../../build/namespace.ts';
import { withPrivateMount } from '../../../build/private-mount.ts';
import { sourcesOf } from '../../../build/sources.ts';
import { captureContent } from '../../../restore/layout/content.ts';
import { listMounts } from '../../../restore/layout/mounts.ts';
import { mountsOfNode } from '../../../restore/layout/node-mounts.ts';
import { probeDevice } from '../../../restore/layout/probe.ts';
import { block, inventoryOf } from '../restore/layout/inventories.ts';

const [device = '', at = '', choice = 'auto', end = ''] = process.argv.slice(2);
enterPrivateMounts();
const content = await captureContent(device, await probeDevice(device));
const mounted = await mountsOfNode(
  block({ name: device.slice(5), path: device }),
  content,
  inventoryOf({ mounts: await listMounts() }),
);
const sources = sourcesOf({
  nodes: [{ id: 'disk0', origin: { type: 'disk', disk: 'disk0' }, sizeBytes: 1, content, usedBytes: null, ...mounted }],
});
const frozen = await freeze(sources, choice as SnapshotChoice);
if (end === 'killed') process.kill(process.pid, 'SIGKILL');
writeFileSync(join(at, 'file'), 'changed');
const seen: Record<string, string> = {};
for (const source of sources)
  await withPrivateMount(source, { subvolume: frozen.subvolumeOf(source) }, async (directory) => {
    seen[source.subvolume?.path ?? ''] = readFileSync(join(directory, 'file'), 'utf8');
  });
await frozen.remove();
console.log(JSON.stringify({ seen, exclude: frozen.exclude, warnings: frozen.warnings }));
