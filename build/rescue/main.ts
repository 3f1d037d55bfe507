import { copyFile, mkdir, stat } from 'node:fs/promises';
import { release as runningRelease } from 'node:os';
import { join } from 'node:path';
import { setFileNames } from '../../restore/archive/set-schema.ts';
import type { PublicKey } from '../../restore/archive/signature/public-key.ts';
import { keyFiles } from '../../restore/archive/signature/trusted-keys.ts';
import type { Progress } from '../progress.ts';
import { makeInitrd } from './initrd.ts';
import { findKernel, initrdCompression } from './kernel.ts';
import { findModules, selectModules } from './modules.ts';
import { makeRdBase } from './rd-base.ts';

export interface KernelChoice {
  release: string;
  /** Root directory in which kernel and modules lie. */
  root: string;
}

export interface RescueOptions {
  executable: string;
  kernel?: KernelChoice;
  /** minisign keys that sets must be signed by, the medium's own too. */
  trustedKeys?: readonly PublicKey[];
  work: string;
  /** Gets boot/vmlinuz and boot/initrd.img. */
  tree: string;
  /** Gets rd-base. */
  setDirectory: string;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Sizes in bytes by part. */
export interface RescueParts {
  /** As they lie on the medium. */
  parts: Record<string, number>;
  /** What rd-base is made of, before compression: squashfs mixes them. */
  unpacked: Record<string, number>;
}

/** Puts kernel, initrd and rd-base into the tree. */
export async function addRescueSystem(options: RescueOptions): Promise<RescueParts> {
  const { executable, work, signal } = options;
  const begin = (phase: string): void => {
    signal.throwIfAborted();
    options.onProgress({ phase, bytesTotal: null, bytesDone: 0 });
  };
  begin('kernel');
  const { release, root } = options.kernel ?? { release: runningRelease(), root: '/' };
  const kernel = await findKernel(release, root);
  const source = await findModules(release, root);
  const modules = await selectModules(source);
  await mkdir(join(options.tree, 'boot'), { recursive: true });
  await copyFile(kernel, join(options.tree, 'boot/vmlinuz'));
  const common = { executable, source, work, signal, keyFiles: keyFiles(options.trustedKeys ?? []) };
  begin('initrd');
  const initrd = await makeInitrd({
    ...common,
    modules: modules.initrd,
    compression: await initrdCompression(release, root),
    output: join(options.tree, 'boot/initrd.img'),
  });
  begin('rescue system');
  const rdBase = await makeRdBase({
    ...common,
    modules: modules.rdBase,
    output: join(options.setDirectory, setFileNames.rdBase),
  });
  return {
    parts: {
      kernel: (await stat(kernel)).size,
      'initrd: rekindle (Node)': initrd.executable,
      'initrd: drivers': initrd.modules,
      'initrd: libraries, shell': initrd.tools,
      'rd-base': rdBase.size,
    },
    unpacked: {
      'rd-base: drivers': rdBase.modules,
      'rd-base: firmware': rdBase.firmware,
      'rd-base: tools': rdBase.rest,
    },
  };
}
