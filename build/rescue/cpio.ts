import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** cpio "newc" as the kernel reads it (Documentation/driver-api/early-userspace/buffer-format.rst). */
const magic = '070701';
const types = { directory: 0o040000, file: 0o100000, link: 0o120000, character: 0o020000 } as const;

interface Member {
  name: string;
  mode: number;
  size: number;
  inode: number;
  device?: { major: number; minor: number };
}

/** A character device that no file of this machine needs to stand for. */
export interface DeviceNode {
  name: string;
  mode: number;
  major: number;
  minor: number;
}

function pad(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function header(member: Member): Buffer {
  const name = Buffer.from(`${member.name}\0`);
  const fields = [
    member.inode,
    member.mode,
    0, // uid
    0, // gid
    1, // links
    0, // mtime: the same tree gives the same bytes
    member.size,
    0, // major and minor of the file system it lies on
    0,
    member.device?.major ?? 0,
    member.device?.minor ?? 0,
    name.length,
    0, // checksum: not in newc
  ];
  const text = magic + fields.map((field) => field.toString(16).padStart(8, '0').toUpperCase()).join('');
  return Buffer.concat([Buffer.from(text), name, pad(text.length + name.length)]);
}

/**
 * A tree as one cpio archive: all owned by root, times 0, names sorted, so that the same tree gives the same bytes.
 * Yields the bytes piece by piece; no file is held in memory.
 */
export async function* packCpio(root: string, devices: readonly DeviceNode[] = []): AsyncGenerator<Buffer> {
  let inode = 1;
  async function* visit(directory: string): AsyncGenerator<Buffer> {
    const entries = (await readdir(join(root, directory))).sort();
    for (const entry of entries) {
      const name = directory === '' ? entry : `${directory}/${entry}`;
      const path = join(root, name);
      const stat = await lstat(path);
      inode += 1;
      const mode = stat.mode & 0o7777;
      if (stat.isDirectory()) {
        yield header({ name, mode: types.directory | mode, size: 0, inode });
        yield* visit(name);
      } else if (stat.isSymbolicLink()) {
        const target = Buffer.from(await readlink(path));
        yield header({ name, mode: types.link | 0o777, size: target.length, inode });
        yield Buffer.concat([target, pad(target.length)]);
      } else if (stat.isFile()) yield* packFile(path, { name, mode: types.file | mode, size: stat.size, inode });
    }
  }
  yield* visit('');
  for (const { name, mode, major, minor } of devices) {
    inode += 1;
    yield header({ name, mode: types.character | mode, size: 0, inode, device: { major, minor } });
  }
  yield header({ name: 'TRAILER!!!', mode: 0, size: 0, inode: 0 });
}

/** One file that is in memory, with the folders that it lies in (0755), as an archive of its own. @param name 'etc/x/file' */
export function packOneFile(name: string, content: Buffer, mode: number): Buffer {
  const parts = name.split('/');
  const folders = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
  return Buffer.concat([
    ...folders.map((folder, index) =>
      header({ name: folder, mode: types.directory | 0o755, size: 0, inode: index + 1 }),
    ),
    header({ name, mode: types.file | mode, size: content.length, inode: parts.length }),
    content,
    pad(content.length),
    header({ name: 'TRAILER!!!', mode: 0, size: 0, inode: 0 }),
  ]);
}

async function* packFile(path: string, member: Member): AsyncGenerator<Buffer> {
  yield header(member);
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    yield bytes;
  }
  if (size !== member.size) throw new Error(`${path} changed its size while it was packed`);
  if (size % 4 !== 0) yield pad(size);
}
