// Runs in the lab, whose kernel has f2fs: fills file systems that are as small as the resizer allows.
import { readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { run } from '../../../common/run.ts';
import { captureContent, planContent, resizerOf } from '../../../restore/layout/content.ts';
import { probeDevice } from '../../../restore/layout/probe.ts';
import { lookOptions, whileReadOnly } from '../../../restore/layout/read-only.ts';
import type { Load } from '../../../restore/layout/resizer.ts';
import type { Content } from '../../../restore/layout/schema.ts';

export interface F2fsFill {
  tree: string;
  sizeBytes: number;
  /** Left for files when the tree is in it. */
  freeBytes: number;
  /** What is captured of it while it is mounted, and what it was made from. */
  captured: Content | null;
  made: Content;
  /** Files that differ from those of the tree. */
  differences: string;
}

export interface F2fsResult {
  shapes: { shape: string; fills: F2fsFill[] }[];
  /** The disk of a machine whose power went while a deleted file was open. */
  look: { seen: string[] | null; digests: [before: string, after: string]; leftOpen: string };
}

const disk = realpathSync('/dev/disk/by-id/virtio-disk0');
const diskBytes = 3072 * 2 ** 20;
const at = '/mnt/f2fs';
const shapes: Record<string, string[]> = {
  'as the distribution makes it': [],
  'with larger sections': ['-s', '4', '-z', '2'],
  'with compression, sums and projects': ['-O', 'extra_attr,inode_checksum,sb_checksum,project_quota,compression'],
};

async function makeTrees(): Promise<Map<string, Load>> {
  const script = `mkdir -p /tmp/small /tmp/large
    for folder in $(seq 50); do mkdir /tmp/small/$folder; for file in $(seq 100); do head -c $((file * 90)) /dev/urandom > /tmp/small/$folder/$file; done; done
    dd if=/dev/urandom of=/tmp/large/data bs=1M count=150 status=none`;
  await run(['bash', '-ec', script], { timeoutMs: 600_000 });
  const loads = new Map<string, Load>();
  for (const tree of ['/tmp/small', '/tmp/large']) {
    const { stdout } = await run(['sh', '-c', 'tar -C "$1" -cf - . | wc -c; find "$1" | wc -l', 'sh', tree]);
    const [bytes = 0, files = 0] = stdout.trim().split('\n').map(Number);
    loads.set(tree, { bytes, files });
  }
  return loads;
}

/** Made by the plan's own commands. */
async function fill(content: Content, tree: string, sizeBytes: number): Promise<F2fsFill> {
  for (const action of planContent(content, disk).make) if (action.type === 'run') await run(action.argv);
  await run(['mount', '-t', 'f2fs', '-o', 'noatime', disk, at]);
  try {
    await run(['cp', '-a', `${tree}/.`, at], { timeoutMs: 300_000 });
    await run(['sync', '-f', at]);
    const { bavail, bsize } = await statfs(at);
    const { stdout: differences } = await run(['diff', '-r', tree, at], { okExit: [0, 1] });
    const captured = await captureContent(disk, await probeDevice(disk));
    return { tree, sizeBytes, freeBytes: bavail * bsize, captured, made: content, differences };
  } finally {
    await run(['umount', at]);
  }
}

await mkdir(at, { recursive: true });
await mkdir('/run/rekindle', { recursive: true });
await run(['modprobe', 'f2fs']);
const loads = await makeTrees();
const filled: F2fsResult['shapes'] = [];
for (const [shape, words] of Object.entries(shapes)) {
  await run(['mkfs.f2fs', '-q', '-f', ...words, disk]);
  const content = await captureContent(disk, await probeDevice(disk));
  const resizer = content === null ? null : resizerOf(content);
  if (content === null || resizer === null) throw new Error('no f2fs that can be resized');
  const fills: F2fsFill[] = [];
  for (const [tree, load] of loads)
    for (const sizeBytes of [resizer.minimumBytes(content, load), diskBytes])
      fills.push(await fill(resizer.at(content, sizeBytes, load), tree, sizeBytes));
  for (const { tree, sizeBytes, freeBytes } of fills) console.log(`${shape}, ${tree}: ${sizeBytes}, free ${freeBytes}`);
  filled.push({ shape, fills });
}

/** After that power cut the kernel would end the deletion, even on a read-only mount. */
async function lookAfterPowerCut(): Promise<F2fsResult['look']> {
  const cut = realpathSync('/dev/disk/by-id/virtio-disk1');
  await run(['mkfs.f2fs', '-q', '-f', '-w', '4096', disk, `${(256 * 2 ** 20) / 4096}`]);
  const script = `mount -t f2fs ${disk} ${at}; echo kept > ${at}/kept; echo deleted > ${at}/deleted; sync -f ${at}
    exec 3< ${at}/deleted; rm ${at}/deleted; sync -f ${at}; dd if=${disk} of=${cut} bs=1M count=256 iflag=direct oflag=direct status=none
    exec 3<&-; umount ${at}`;
  await run(['bash', '-ec', script]);
  const digest = async (): Promise<string> => (await run(['sha256sum', cut])).stdout;
  const before = await digest();
  const seen = await whileReadOnly(cut, 'f2fs', lookOptions.f2fs ?? '', async (place) => readdirSync(place));
  const { stdout: leftOpen } = await run(['losetup', '--list', '--noheadings']);
  return { seen, digests: [before, await digest()], leftOpen };
}

const result: F2fsResult = { shapes: filled, look: await lookAfterPowerCut() };
writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(result), { flag: 'r+' });
