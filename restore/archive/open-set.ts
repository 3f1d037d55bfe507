import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ErrorCode } from '../../common/errors/catalogue.ts';
import { RekindleError } from '../../common/errors/error.ts';
import { type Layout, layoutSchema } from '../layout/schema.ts';
import { type Manifest, manifestSchema, type SetFile, type SetInfo, setFileNames, setSchema } from './set-schema.ts';

export interface RecoverySet {
  directory: string;
  info: SetInfo;
  /** Null on a rescue-only medium. */
  manifest: Manifest | null;
  layout: Layout | null;
}

const wordsOf = (error: unknown): string =>
  error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);

async function readBytes(directory: string, path: string, code: ErrorCode): Promise<Buffer> {
  try {
    return await readFile(join(directory, path));
  } catch (error) {
    const unreadable =
      error instanceof Error && 'code' in error && (error.code === 'EIO' || error.code === 'ENOMEDIUM');
    throw new RekindleError(unreadable ? 'RK306' : code, `${path}: ${wordsOf(error)}`, { cause: error });
  }
}

function parse<T>(schema: z.ZodType<T>, bytes: Buffer, path: string, code: ErrorCode): T {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new RekindleError(code, `${path}: ${wordsOf(error)}`, { cause: error });
  }
}

function assertDigest(bytes: Buffer, expected: SetFile): void {
  if (bytes.length !== expected.size)
    throw new RekindleError('RK303', `${expected.path} has ${bytes.length} bytes, ${expected.size} were written`);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== expected.sha256)
    throw new RekindleError('RK303', `${expected.path}: SHA-256 is ${digest}, must be ${expected.sha256}`);
}

/**
 * Reads and checks what a set says about itself: set.json, manifest, layout; that every file is there with its size.
 * Contents are checked by `verifySet`.
 * @throws RekindleError RK302 to RK306
 */
export async function openSet(directory: string): Promise<RecoverySet> {
  const setBytes = await readBytes(directory, setFileNames.set, 'RK302');
  const format = parse(z.looseObject({ format: z.int() }), setBytes, setFileNames.set, 'RK302').format;
  if (format > 1) throw new RekindleError('RK304', `format ${format}, this version reads format 1`);
  const info = parse(setSchema, setBytes, setFileNames.set, 'RK302');
  if (!info.manifest) return { directory, info, manifest: null, layout: null };
  const manifestBytes = await readBytes(directory, setFileNames.manifest, 'RK303');
  assertDigest(manifestBytes, info.manifest);
  const manifest = parse(manifestSchema, manifestBytes, setFileNames.manifest, 'RK303');
  if (manifest.set !== info.set)
    throw new RekindleError('RK303', `the manifest is of set ${manifest.set}, set.json of ${info.set}`);
  const layoutBytes = await readBytes(directory, manifest.layout.path, 'RK303');
  assertDigest(layoutBytes, manifest.layout);
  const layout = parse(layoutSchema, layoutBytes, manifest.layout.path, 'RK303');
  for (const file of manifest.files) await assertSize(directory, file);
  return { directory, info, manifest, layout };
}

async function assertSize(directory: string, file: SetFile): Promise<void> {
  try {
    const { size } = await stat(join(directory, file.path));
    if (size !== file.size)
      throw new RekindleError('RK305', `${file.path} has ${size} bytes, ${file.size} were written`);
  } catch (error) {
    if (error instanceof RekindleError) throw error;
    throw new RekindleError('RK305', `${file.path}: ${wordsOf(error)}`, { cause: error });
  }
}
