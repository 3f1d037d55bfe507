import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashFile } from '../../common/hash-file.ts';
import type { Layout } from '../layout/schema.ts';
import {
  type Archive,
  digestLine,
  type Manifest,
  type SetFile,
  type SetInfo,
  setFileNames,
  setFormat,
} from './set-schema.ts';
import type { VolumeWriter } from './volumes/volume-writer.ts';

/** Size and SHA-256 of a file of the set. */
export async function describeFile(setDirectory: string, path: string): Promise<SetFile> {
  return { path, ...(await hashFile(join(setDirectory, path))) };
}

async function writeDurably(setDirectory: string, path: string, text: string | Buffer): Promise<SetFile> {
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
  for (const [name, text] of stackDumps(layout)) files.push(await writeDurably(setDirectory, `layout/${name}`, text));
  return files;
}

/** What LVM, mdadm and LUKS say of themselves, as a person's tools read it. */
function stackDumps({ groups, arrays, nodes }: Layout): [name: string, text: string][] {
  const fileName = (id: string): string => id.replaceAll(/[^\w.-]/g, '-');
  return [
    ...groups.map(({ id, backup }): [string, string] => [`lvm.${fileName(id)}.vgcfg`, backup]),
    ...arrays.map(({ id, detail }): [string, string] => [`mdadm.${fileName(id)}.detail`, detail]),
    ...nodes.flatMap(({ id, content }): [string, string][] =>
      content?.kind === 'luks' && content.metadata !== undefined
        ? [[`luks2.${fileName(id)}.json`, content.metadata]]
        : [],
    ),
  ];
}

/** Layout and manifest need this many bytes at most, besides what grows with the number of archives and volumes. */
const smallFiles = 4 << 20;

export interface LastVolume {
  set: string;
  layout: Layout;
  archives: readonly Archive[];
  encrypted: boolean;
  /** Level, base and machine, where snapshots are kept. */
  lineage?: Pick<Manifest, 'level' | 'base' | 'machineId'>;
  /** key.age: the set's own secret key, itself encrypted to a passphrase. */
  keyFile?: Buffer;
  /** Where the indexes and snapshots are until now. */
  indexDirectory: string;
  /** Gives the text of manifest.json.minisig. */
  sign?: (manifest: Buffer) => string;
}

/** Ends the set: indexes, layout and, last of all, the manifest; a set without it is not complete. */
export async function finishVolumes(volumes: VolumeWriter, parts: LastVolume): Promise<SetFile> {
  const indexes = parts.archives.flatMap(({ index, snapshot }) => (snapshot ? [index, snapshot] : [index]));
  volumes.reserve(indexes.reduce((sum, { size }) => sum + size, smallFiles));
  const directory = volumes.directory;
  for (const index of indexes) {
    await mkdir(dirname(join(directory, index.path)), { recursive: true, mode: 0o700 });
    await rename(join(parts.indexDirectory, index.path), join(directory, index.path));
    volumes.add(index);
  }
  const layoutFiles = await writeLayout(directory, parts.layout);
  for (const file of layoutFiles) volumes.add(file);
  if (parts.keyFile) volumes.add(await writeDurably(directory, setFileNames.key, parts.keyFile));
  const [layout] = layoutFiles;
  if (!layout) throw new Error('the layout was not written');
  const manifest: Manifest = {
    format: setFormat,
    set: parts.set,
    volumes: volumes.volume,
    ...(parts.encrypted ? { encryption: 'age' } : {}),
    ...parts.lineage,
    layout,
    archives: [...parts.archives],
    files: [...volumes.files],
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  if (parts.sign) await writeDurably(directory, setFileNames.manifestSignature, parts.sign(Buffer.from(text)));
  const file = await writeDurably(directory, setFileNames.manifest, text);
  await writeDurably(directory, setFileNames.manifestDigest, digestLine(file.sha256, setFileNames.manifest));
  return file;
}

export async function writeSetInfo(setDirectory: string, set: SetInfo): Promise<void> {
  const file = await writeDurably(setDirectory, setFileNames.set, `${JSON.stringify(set, null, 2)}\n`);
  await writeDurably(setDirectory, setFileNames.setDigest, digestLine(file.sha256, setFileNames.set));
}
