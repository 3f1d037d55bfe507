import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Layout } from '../layout/schema.ts';
import { type Archive, type Manifest, type SetFile, type SetInfo, setFileNames } from './set-schema.ts';

/** Size and SHA-256 of a file of the set. */
export async function describeFile(setDirectory: string, path: string): Promise<SetFile> {
  const file = join(setDirectory, path);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return { path, size: (await stat(file)).size, sha256: hash.digest('hex') };
}

async function writeDurably(setDirectory: string, path: string, text: string): Promise<SetFile> {
  const file = join(setDirectory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode: 0o600, flush: true });
  return { path, size: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

/** Writes layout.json, and each disk's table as sfdisk reads it, for people without Rekindle. */
export async function writeLayout(setDirectory: string, layout: Layout): Promise<SetFile[]> {
  const files = [await writeDurably(setDirectory, setFileNames.layout, `${JSON.stringify(layout, null, 2)}\n`)];
  for (const disk of layout.disks)
    if (disk.table !== null) files.push(await writeDurably(setDirectory, `layout/sfdisk.${disk.id}.dump`, disk.table));
  return files;
}

/** Writes manifest.json and its digest, last of all: a set without it is not complete. */
export async function writeManifest(
  setDirectory: string,
  parts: { set: string; files: readonly SetFile[]; archives: readonly Archive[] },
): Promise<SetFile> {
  const layout = parts.files.find(({ path }) => path === setFileNames.layout);
  if (!layout) throw new Error('the layout must be written before the manifest');
  const archiveFiles = parts.archives.flatMap(({ file, flags }) => (flags ? [file, flags] : [file]));
  const manifest: Manifest = {
    format: 1,
    set: parts.set,
    layout,
    archives: [...parts.archives],
    files: [...parts.files, ...archiveFiles],
  };
  const file = await writeDurably(setDirectory, setFileNames.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  await writeDurably(setDirectory, setFileNames.manifestDigest, `${file.sha256}  ${setFileNames.manifest}\n`);
  return file;
}

export async function writeSetInfo(setDirectory: string, set: SetInfo): Promise<void> {
  await writeDurably(setDirectory, setFileNames.set, `${JSON.stringify(set, null, 2)}\n`);
}

/** Makes sure that the names are on the disk too, not only the contents. */
export async function syncDirectories(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync();
  await handle.close();
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isDirectory()) await syncDirectories(join(directory, entry.name));
}
