import { open, rm, stat } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { addBiosBoot, missingForBios } from './bios.ts';
import { addUefiBoot, missingForUefi } from './uefi.ts';

export interface ImageOptions {
  /** Directory that becomes the root of the image. */
  tree: string;
  work: string;
  /** Written here; the caller renames it when all is well. */
  output: string;
  set: string;
  hostname: string;
  kernelArguments: readonly string[];
  signal?: AbortSignal;
}

/** Makes the hybrid image with xorriso. Gives warnings about firmware that it cannot boot on. @throws RekindleError RK210, RK211 */
export async function makeImage(options: ImageOptions): Promise<{ size: number; warnings: string[] }> {
  const [noBios, noUefi] = [await missingForBios(), await missingForUefi()];
  if (noBios.length > 0 && noUefi.length > 0)
    throw new RekindleError('RK210', `Missing: ${[...noBios, ...noUefi].join(', ')}`);
  const menu = [options.set, options.kernelArguments, options.hostname] as [string, readonly string[], string];
  const warnings: string[] = [];
  const boot: string[] = [];
  if (noBios.length === 0) boot.push(...(await addBiosBoot(options.tree, menu)));
  else warnings.push(`The medium will not boot on BIOS machines: ${noBios.join(', ')} missing.`);
  if (noUefi.length === 0) boot.push(...(await addUefiBoot(options.tree, options.work, menu)));
  else warnings.push(`The medium will not boot on UEFI machines: ${noUefi.join(', ')} missing.`);
  await writeImage(options, boot);
  return { size: (await stat(options.output)).size, warnings };
}

async function writeImage(options: ImageOptions, boot: readonly string[]): Promise<void> {
  const label = `REKINDLE_${options.set.slice(0, 8).toUpperCase()}`;
  const argv = [
    'xorriso',
    '-as',
    'mkisofs',
    '-quiet',
    '-iso-level',
    '3',
    '-full-iso9660-filenames',
    '-r',
    '-V',
    label,
    '-o',
    options.output,
    ...boot,
    options.tree,
  ] as [string, ...string[]];
  await rm(options.output, { force: true });
  // The medium holds all files of the machine: nobody else may read it.
  await (await open(options.output, 'w', 0o600)).close();
  try {
    await run(argv, options.signal ? { signal: options.signal } : {});
  } catch (error) {
    const text = error instanceof RekindleError ? error.reason : '';
    if (/no space left|ENOSPC|disc? full/i.test(text)) throw new RekindleError('RK211', text, { cause: error });
    throw error;
  }
  const file = await open(options.output, 'r');
  await file.sync();
  await file.close();
}
