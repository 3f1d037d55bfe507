import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { throughTool } from '../../restore/archive/through-tool.ts';
import { addBiosBoot, missingForBios } from './bios.ts';
import { freeWhileRead } from './punch.ts';
import { addUefiBoot, missingForUefi } from './uefi.ts';

export interface ImageOptions {
  /** Directory that becomes the root of the image. */
  tree: string;
  work: string;
  /** Written here; the caller renames it when all is well. */
  output: string;
  set: string;
  /** Only the first one boots. */
  volume: number;
  hostname: string;
  kernelArguments: readonly string[];
  /** Files of the tree whose space is given back while they are copied: their content is lost. */
  consume: readonly string[];
  signal: AbortSignal;
  onBytes: (done: number) => void;
}

export interface ImageResult {
  size: number;
  /** About firmware that the medium cannot boot on. */
  warnings: string[];
}

/** Makes the hybrid image: CD and USB stick, BIOS and UEFI. @throws RekindleError RK210, RK211 */
export async function makeImage(options: ImageOptions): Promise<ImageResult> {
  if (options.volume > 1) return { size: await writeImage(options, []), warnings: [] };
  const [noBios, noUefi] = [await missingForBios(), await missingForUefi()];
  if (noBios.length > 0 && noUefi.length > 0)
    throw new RekindleError('RK210', `Missing: ${[...noBios, ...noUefi].join(', ')}`);
  const menu = { set: options.set, extra: options.kernelArguments, machine: options.hostname };
  const warnings: string[] = [];
  const boot: string[] = [];
  if (noBios.length === 0) boot.push(...(await addBiosBoot(options.tree, menu)));
  else warnings.push(`The medium will not boot on BIOS machines: ${noBios.join(', ')} missing.`);
  if (noUefi.length === 0) boot.push(...(await addUefiBoot(options.tree, options.work, menu)));
  else warnings.push(`The medium will not boot on UEFI machines: ${noUefi.join(', ')} missing.`);
  return { size: await writeImage(options, boot), warnings };
}

/**
 * xorriso writes into a pipe, we into the file: so a full disk is our own ENOSPC, progress is exact, and xorriso
 * does not refuse for want of space that the archives give back while it reads them.
 */
async function writeImage(options: ImageOptions, boot: readonly string[]): Promise<number> {
  const number = options.volume > 1 ? `_${options.volume}` : '';
  const label = `REKINDLE_${options.set.slice(0, 8).toUpperCase()}${number}`;
  const format = ['-quiet', '-iso-level', '3', '-full-iso9660-filenames', '-r', '-V', label];
  await rm(options.output, { force: true });
  const argv = ['xorriso', '-as', 'mkisofs', ...format, ...boot, '-o', '-', options.tree] as const;
  let written = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      written += chunk.length;
      options.onBytes(written);
      done(null, chunk);
    },
  });
  await throughTool(argv, options, async ({ pid, input, output }) => {
    input.end();
    const freeing = freeWhileRead(pid, options.consume);
    try {
      // The medium holds all files of the machine: nobody else may read it.
      const file = createWriteStream(options.output, { mode: 0o600, flush: true, highWaterMark: 4 << 20 });
      await pipeline(output, count, file);
    } finally {
      await freeing.stop();
    }
  });
  return written;
}
