import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { getRawAsset, isSea } from 'node:sea';
import { ReadStream } from 'node:tty';

/** The native part of node-pty (src/unix/pty.cc), called directly: inside one executable there is no package to load. */
interface NativePty {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { pid: number; fd: number };
  resize(fd: number, columns: number, rows: number): void;
}

const addonFile = '/run/rekindle/pty.node';

let loaded: NativePty | null = null;

/** Once: writing the file again would change the code of a library that is in use. */
function addon(): NativePty {
  loaded ??= loadAddon();
  return loaded;
}

/** The addon: an asset of the executable, written to memory and loaded from there; from node_modules in development. */
function loadAddon(): NativePty {
  if (!isSea()) return createRequire(import.meta.url)('@lydell/node-pty-linux-x64/pty.node') as NativePty;
  mkdirSync('/run/rekindle', { recursive: true, mode: 0o700 });
  const file = `${addonFile}.${process.pid}`;
  writeFileSync(file, Buffer.from(getRawAsset('pty.node')), { mode: 0o700 });
  const module = { exports: {} };
  process.dlopen(module, file);
  return module.exports as NativePty;
}

export interface Pty {
  stream: ReadStream;
  write(data: Buffer | string): void;
  ended: Promise<number>;
  kill(): void;
}

/** Starts a program on a terminal of its own. */
export function openPty(
  file: string,
  args: readonly string[],
  options: { columns: number; rows: number; env: Record<string, string>; cwd: string },
): Pty {
  let exit: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    exit = resolve;
  });
  const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
  const { pid, fd } = addon().fork(
    file,
    args,
    env,
    options.cwd,
    options.columns,
    options.rows,
    -1,
    -1,
    true,
    join('/', 'unused'),
    (code) => exit(code),
  );
  const stream = new ReadStream(fd);
  stream.on('error', () => stream.destroy()); // EIO: the program closed its end
  return {
    stream,
    // A tty.ReadStream is a two-way socket; its type does not say so.
    write: (data) => void (stream as unknown as NodeJS.WritableStream).write(data),
    ended,
    kill: () => {
      process.kill(pid, 'SIGHUP');
    },
  };
}
