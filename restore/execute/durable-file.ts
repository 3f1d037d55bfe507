import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';

/** Replaces a file as one: a power cut leaves the old one or the new one. Of the old one no byte stays on the disk. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const old = await openExisting(path);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    if (old !== null) await overwrite(old);
  } finally {
    await old?.close();
  }
}

/** Its bytes are gone from the disk where a file system writes in place; nothing happens where there is none. */
export async function overwriteFile(path: string): Promise<void> {
  const file = await openExisting(path);
  try {
    if (file !== null) await overwrite(file);
  } finally {
    await file?.close();
  }
}

/** Null where there is no regular file, or one that has another name, too. */
async function openExisting(path: string): Promise<FileHandle | null> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  const found = await file?.stat();
  if (file === null || (found?.isFile() && found.nlink === 1)) return file;
  await file.close();
  return null;
}

const blank = Buffer.alloc(64 << 10, '\n');

async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  for (let at = 0; at < size; at += blank.length) await file.write(blank, 0, Math.min(blank.length, size - at), at);
  await file.sync();
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
