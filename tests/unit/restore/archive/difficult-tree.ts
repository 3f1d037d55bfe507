import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { getInodeFlags, inodeFlags, setInodeFlags } from '@rekindle/linux-syscalls';

/** Files that archives get wrong. Needs root and an ext4 below. Gives the server that keeps a socket alive. */
export async function makeDifficultTree(root: string): Promise<Server> {
  mkdirSync(join(root, 'many'), { recursive: true });
  for (let index = 0; index < 300; index += 1)
    writeFileSync(join(root, 'many', `file-${index}`), `content ${index}\n`.repeat(index % 7));
  const sparse = openSync(join(root, 'sparse'), 'w');
  ftruncateSync(sparse, 2 * 1024 ** 3);
  writeSync(sparse, 'end', 1024 ** 3);
  closeSync(sparse);
  linkSync(join(root, 'many/file-1'), join(root, 'hard-link'));
  symlinkSync('loop-b', join(root, 'loop-a'));
  symlinkSync('loop-a', join(root, 'loop-b'));
  symlinkSync('/absolute/../target', join(root, 'dangling'));
  writeFileSync(join(root, 'line\nbreak'), 'x');
  writeFileSync(join(root, '-rf'), 'x');
  writeFileSync(join(root, 'l'.repeat(250)), 'long name');
  writeFileSync(Buffer.concat([Buffer.from(`${root}/invalid-`), Buffer.of(0xff, 0xfe)]), 'x');
  const shell = [
    'mknod device c 1 3',
    'mknod block b 7 9',
    'mkfifo pipe',
    'touch setuid && chmod 4755 setuid',
    'mkdir sticky && chmod 1777 sticky',
    'touch strange && chown 12345:54321 strange',
    'touch cap && setcap cap_net_raw+ep cap',
    'touch acl && setfacl -m u:1234:rw acl',
    'mkdir acldir && setfacl -d -m g:99:rx acldir',
    'touch attr && setfattr -n user.note -v hello attr && setfattr -n trusted.note -v deep attr',
    'touch -d 1955-11-05T06:15:00.123456789Z past',
    'touch -d 2155-01-01T00:00:00.5Z future',
    'touch append immutable',
  ]; // prettier-ignore
  for (const line of shell) execFileSync('sh', ['-ec', line], { cwd: root });
  setInodeFlags(join(root, 'append'), getInodeFlags(join(root, 'append')) | inodeFlags.append);
  setInodeFlags(join(root, 'immutable'), getInodeFlags(join(root, 'immutable')) | inodeFlags.immutable);
  utimesSync(join(root, 'many'), 1000, 2000);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
  return server;
}

/** Makes the tree removable again. */
export function clearFlags(root: string): void {
  for (const name of ['append', 'immutable']) {
    try {
      setInodeFlags(join(root, name), getInodeFlags(join(root, name)) & ~(inodeFlags.append | inodeFlags.immutable));
    } catch {}
  }
}

/** Everything about a tree as text, one line a file: what must be the same after a restore. */
export function describeTree(root: string): string {
  const shell = `find . -mindepth 1 ! -type s ! -name lost+found -printf '%y %m %U:%G %n %T@ %l %P\\0' -exec true ';' | sort -z | tr '\\0\\n' '\\n?';
    find . -type f -printf '%s %P\\0' | sort -z | tr '\\0\\n' '\\n?'; find . -type f -size -1M -print0 | sort -z | xargs -0 sha256sum;
    find . -mindepth 1 ! -type s ! -name lost+found -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex -- 2>&1 | grep -v Removing;
    stat -c '%t %T' device block; du -k sparse | cut -f1; lsattr -d append immutable`;
  return execFileSync('sh', ['-c', shell], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
}
