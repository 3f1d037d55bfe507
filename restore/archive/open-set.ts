import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ErrorCode } from '../../common/errors/catalogue.ts';
import { RekindleError } from '../../common/errors/error.ts';
import { refusesUs } from '../../common/errors/system-error.ts';
import { parseJson } from '../../common/parse-json.ts';
import { type Layout, layoutSchema } from '../layout/schema.ts';
import {
  digestLine,
  type Manifest,
  manifestSchema,
  type SetFile,
  type SetInfo,
  setFileNames,
  setFormat,
  setSchema,
} from './set-schema.ts';
import { readWhole, type VolumeStore } from './store/store.ts';

export interface RecoverySet {
  /** Of the volume that it was opened with first. */
  info: SetInfo;
  /** Null on a rescue-only medium. */
  manifest: Manifest | null;
  layout: Layout | null;
  /** The volumes at hand, by number; more may come. */
  volumes: Map<number, VolumeStore>;
  /** The bytes that the manifest was read from, and of its signature; null without a manifest. */
  sealed: { manifest: Buffer; signature: Buffer | null } | null;
}

const wordsOf = (error: unknown): string =>
  error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);

async function readBytes(store: VolumeStore, path: string, code: ErrorCode): Promise<Buffer> {
  try {
    return await readWhole(store, path);
  } catch (error) {
    if (refusesUs(error)) throw error;
    const isMissing = code === 'RK303' && error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = isUnreadable(error) ? 'RK306' : isMissing ? 'RK305' : code;
    throw new RekindleError(why, `${store.name}: ${path}: ${wordsOf(error)}`, { cause: error });
  }
}

/** Whether the drive gave up, not the file system. */
export function isUnreadable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'EIO' || code === 'ENOMEDIUM' || code === 'ENXIO';
}

function parse<T>(schema: z.ZodType<T>, bytes: Buffer, path: string, code: ErrorCode): T {
  try {
    return schema.parse(parseJson(bytes.toString('utf8')));
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

/** The digest that lies beside a file, for sha256sum -c. */
async function assertDigestFile(
  store: VolumeStore,
  bytes: Buffer,
  name: string,
  digestName: string,
  code: 'RK302' | 'RK303',
): Promise<void> {
  const written = await readBytes(store, digestName, code);
  const line = digestLine(createHash('sha256').update(bytes).digest('hex'), name);
  if (written.toString('latin1') !== line)
    throw new RekindleError(code, `${store.name}: ${name} and ${digestName} do not belong together`);
}

/** What one volume says about itself. @throws RekindleError RK302, RK304, RK306 */
export async function readSetInfo(store: VolumeStore): Promise<SetInfo> {
  const bytes = await readBytes(store, setFileNames.set, 'RK302');
  await assertDigestFile(store, bytes, setFileNames.set, setFileNames.setDigest, 'RK302');
  const { format } = parse(z.looseObject({ format: z.int() }), bytes, setFileNames.set, 'RK302');
  if (format > setFormat) throw new RekindleError('RK304', `format ${format}, this version reads format ${setFormat}`);
  return parse(setSchema, bytes, setFileNames.set, 'RK302');
}

/**
 * Reads and checks what a set says about itself: set.json of each volume, manifest and layout of the last one; that every
 * file of the volumes at hand is there with its size. Contents are checked by `verifySet`.
 * @throws RekindleError RK302 to RK306, RK312 when the volumes do not belong together, RK313 without the last one
 */
export async function openSet(stores: readonly VolumeStore[]): Promise<RecoverySet> {
  const volumes = new Map<number, VolumeStore>();
  let first: SetInfo | null = null;
  let last: { info: SetInfo; store: VolumeStore } | null = null;
  for (const store of stores) {
    const info = await readSetInfo(store);
    first ??= info;
    if (info.set !== first.set)
      throw new RekindleError('RK312', `${store.name} holds set ${info.set}, the others ${first.set}`);
    if (info.volumes !== first.volumes || info.layoutSha256 !== first.layoutSha256)
      throw new RekindleError('RK312', `${store.name} describes the set otherwise than the others do`);
    const twin = volumes.get(info.volume);
    if (twin) throw new RekindleError('RK312', `${store.name} and ${twin.name} are both volume ${info.volume}`);
    volumes.set(info.volume, store);
    if (info.volume === info.volumes) last = { info, store };
  }
  if (!first) throw new RekindleError('RK302', 'no volume of a set was named');
  if (!last)
    throw new RekindleError(
      'RK313',
      `of set ${first.set} there is only volume ${[...volumes.keys()].join(', ')}; the last one is ${first.volumes}`,
    );
  if (!last.info.manifest) return { info: first, manifest: null, layout: null, volumes, sealed: null };
  const { manifest, layout, sealed } = await readManifest(last.store, last.info, last.info.manifest);
  for (const file of manifest.files) {
    const store = volumes.get(file.volume);
    if (store) await assertSize(store, file);
  }
  return { info: first, manifest, layout, volumes, sealed };
}

async function readManifest(
  store: VolumeStore,
  info: SetInfo,
  file: SetFile,
): Promise<{ manifest: Manifest; layout: Layout; sealed: RecoverySet['sealed'] }> {
  const manifestBytes = await readBytes(store, setFileNames.manifest, 'RK303');
  assertDigest(manifestBytes, file);
  await assertDigestFile(store, manifestBytes, setFileNames.manifest, setFileNames.manifestDigest, 'RK303');
  const manifest = parse(manifestSchema, manifestBytes, setFileNames.manifest, 'RK303');
  if (manifest.set !== info.set)
    throw new RekindleError('RK303', `the manifest is of set ${manifest.set}, set.json of ${info.set}`);
  if (manifest.volumes !== info.volumes)
    throw new RekindleError('RK303', `the manifest counts ${manifest.volumes} volumes, set.json ${info.volumes}`);
  const layoutBytes = await readBytes(store, manifest.layout.path, 'RK303');
  assertDigest(layoutBytes, manifest.layout);
  const hasSignature = (await sizeOf(store, setFileNames.manifestSignature, 'RK303')) !== null;
  const signature = hasSignature ? await readBytes(store, setFileNames.manifestSignature, 'RK303') : null;
  const layout = parse(layoutSchema, layoutBytes, manifest.layout.path, 'RK303');
  return { manifest, layout, sealed: { manifest: manifestBytes, signature } };
}

async function assertSize(store: VolumeStore, file: SetFile): Promise<void> {
  const size = await sizeOf(store, file.path);
  if (size === null) throw new RekindleError('RK305', `${store.name}: ${file.path} is not there`);
  if (size !== file.size)
    throw new RekindleError('RK305', `${store.name}: ${file.path} has ${size} bytes, ${file.size} were written`);
}

/** @throws RekindleError `code` for what is no regular file, RK306; what says something of us */
async function sizeOf(store: VolumeStore, path: string, code: 'RK303' | 'RK305' = 'RK305'): Promise<number | null> {
  try {
    return await store.size(path);
  } catch (error) {
    if (refusesUs(error)) throw error;
    throw new RekindleError(isUnreadable(error) ? 'RK306' : code, `${store.name}: ${path}: ${wordsOf(error)}`, {
      cause: error,
    });
  }
}
