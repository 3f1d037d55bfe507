import { statSync } from 'node:fs';
import { type Check, cannotTell, verdictOf } from '../check.ts';
import type { Root } from '../read/root.ts';
import { readAt } from '../read/root.ts';

const libraryPlaces = (name: string): string[] =>
  ['x86_64-linux-gnu', 'aarch64-linux-gnu', 'i386-linux-gnu', 'riscv64-linux-gnu', ''].flatMap((triple) =>
    ['/lib64', '/usr/lib64', '/lib', '/usr/lib'].map((directory) =>
      `${directory}/${triple}/${name}`.replaceAll('//', '/'),
    ),
  );

/** Without any of these nobody can log in. Each line: one of these must be there and whole. */
const wanted: readonly { what: string; paths: string[]; program: boolean }[] = [
  {
    what: "the C library's loader",
    program: true,
    paths: [
      '/lib64/ld-linux-x86-64.so.2',
      '/lib/ld-linux-aarch64.so.1',
      '/lib/ld-linux-riscv64-lp64d.so.1',
      '/lib/ld-linux.so.2',
      '/lib/ld-musl-x86_64.so.1',
      '/lib/ld-musl-aarch64.so.1',
    ],
  },
  {
    what: 'the C library',
    program: true,
    paths: [...libraryPlaces('libc.so.6'), '/lib/ld-musl-x86_64.so.1', '/lib/ld-musl-aarch64.so.1'],
  },
  { what: 'a shell', program: true, paths: ['/bin/sh', '/usr/bin/sh'] },
  { what: 'mount', program: true, paths: ['/bin/mount', '/usr/bin/mount'] },
  { what: 'the list of users', program: false, paths: ['/etc/passwd'] },
  { what: 'the list of groups', program: false, paths: ['/etc/group'] },
];
/** Where these are, the files have other places (NixOS, Guix), or the system lies deeper (OSTree). */
const otherLayouts = ['/nix/store', '/gnu/store', '/ostree/repo'];
const directories = ['/etc', '/usr', '/var', '/dev', '/proc', '/sys', '/run', '/tmp'];

export const essential: Check = {
  id: 'essential',
  title: 'the essential files are there',
  stopsBoot: true,
  run({ root }) {
    const problems: string[] = [];
    for (const { what, paths, program } of wanted) {
      const found = root.firstFile(paths);
      if (found === null) problems.push(`${what} is missing`);
      else if (program && !isWholeProgram(root, found)) problems.push(`${what}, ${found}, is no whole program`);
      else if (!program && !/^root:/m.test(root.text(found) ?? '')) problems.push(`${found} knows no root`);
    }
    for (const directory of directories)
      if (!root.isDirectory(directory)) problems.push(`the directory ${directory} is missing`);
    const other = otherLayouts.find((directory) => root.isDirectory(directory));
    if (problems.length > 0 && other !== undefined)
      return cannotTell(`The system has its files in ${other}, which was not looked into: ${problems.join('; ')}.`);
    const hint = 'Take them out of the backup again: "rekindle extract VOLUME --path PATH --to DIR".';
    return verdictOf(problems, hint, 'loader, C library, shell, users and directories');
  },
};

/** ELF (elf(5)): whole when its section table, which linkers put last, lies in the file. A script is whole. */
function isWholeProgram(root: Root, path: string): boolean {
  const place = root.locate(path);
  if (place === null) return false;
  const head = readAt(place, 0, 64);
  if (head.toString('latin1', 0, 2) === '#!') return true;
  if (head.length < 64 || head.toString('latin1', 0, 4) !== '\x7fELF') return false;
  const wide = head.readUInt8(4) === 2;
  const offset = wide ? Number(head.readBigUInt64LE(0x28)) : head.readUInt32LE(0x20);
  const end = offset + head.readUInt16LE(wide ? 0x3a : 0x2e) * head.readUInt16LE(wide ? 0x3c : 0x30);
  return statSync(place).size >= end;
}
