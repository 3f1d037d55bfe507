import { constants, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import * as z from 'zod';
import { run } from '../../../../../common/run.ts';
import { withImages, withLoop } from '../../layout/images.ts';
import type { Order } from './restore-child.ts';

const answerSchema = z.object({
  phase: z.string(),
  failure: z.object({ code: z.string(), cause: z.string() }).nullable(),
  warnings: z.array(z.string()),
  steps: z.array(z.string()),
  confirm: z.string().optional(),
});

/** Nobody holds it, also no mount namespace that another test made meanwhile. */
export async function released(device: string): Promise<void> {
  const exclusively = async (): Promise<void> => (await open(device, constants.O_RDONLY | constants.O_EXCL)).close();
  await vi.waitFor(exclusively, { timeout: 60_000, interval: 100 });
}

export async function whileMounted<T>(device: string, use: (at: string) => Promise<T>): Promise<T> {
  const at = mkdtempSync(join(tmpdir(), 'rekindle-mounted-'));
  await run(['btrfs', 'device', 'scan', '--forget'], { okExit: [0, 1] });
  await run(['mount', device, at]);
  try {
    return await use(at);
  } finally {
    await run(['umount', at]);
    rmSync(at, { recursive: true });
    await released(device);
  }
}

/** Plans and carries out in a process of its own. */
export async function restore(order: Order): Promise<z.infer<typeof answerSchema>> {
  const child = join(import.meta.dirname, 'restore-child.ts');
  const text = JSON.stringify(order);
  const { stdout } = await run([process.execPath, '--disable-warning=ExperimentalWarning', child, text]);
  return answerSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

/** An empty device of that size, for one test. */
export async function onDevice<T>(sizeBytes: number, use: (device: string) => Promise<T>): Promise<T> {
  return withImages([sizeBytes], async (image = '') => withLoop(image, use));
}

/** Names, kinds, modes, owners, links, sizes, times, attributes and contents. XFS shows access lists once more in its own form. */
const describeTree = `all() { find . -name lost+found -prune -o "$@"; }
{ all -type d -printf '%P %y %m %U:%G %T@\\0'; all ! -type d -printf '%P %y %m %U:%G %n %s %T@ %l\\0'; } | sort -z | tr '\\0\\n' '\\n?'
all -type f -print0 | sort -z | xargs -0 sha256sum; stat -c '%t %T' device
all ! -type l -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex -- | grep -v '^trusted.SGI_ACL'`;

export async function treeOf(device: string): Promise<{ tree: string; flags: string }> {
  return whileMounted(device, async (at) => {
    const { stdout } = await run(['lsattr', '-d', join(at, 'immutable'), join(at, 'append')]);
    const flags = stdout.split('\n').map((line) => (line.split(' ')[0] ?? '').replaceAll(/[^ia]/g, ''));
    const { stdout: tree } = await run(['sh', '-ec', describeTree], { cwd: at });
    return { tree, flags: flags.join(' ').trim() };
  });
}
