import { closeSync, openSync } from 'node:fs';
import { checked, cString, libc } from './libc.ts';

const SYS_finit_module = 313n;

/**
 * finit_module(2): loads an uncompressed module file with its parameters.
 * @throws ErrnoError EEXIST when it is loaded already, ENOENT on an unknown symbol (a dependency is missing).
 */
export function finitModule(path: string, parameters = ''): void {
  const fd = openSync(path, 'r');
  try {
    const result = libc.syscall(SYS_finit_module, BigInt(fd), cString(parameters), 0n, 0n, 0n);
    checked(Number(result), 'finit_module', [path, parameters]);
  } finally {
    closeSync(fd);
  }
}
