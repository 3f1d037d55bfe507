import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { addFirmware } from './firmware.ts';
import { addNodeLibraries } from './initrd.ts';
import { installModules, type ModuleSource } from './modules.ts';
import { rescueFiles } from './overlay.ts';
import { neededTools, optionalTools } from './tools.ts';
import { isThere, RescueTree } from './tree.ts';

const terminals = [
  'l/linux',
  'v/vt100',
  'v/vt102',
  'v/vt220',
  'x/xterm',
  'x/xterm-256color',
  's/screen',
  'd/dumb',
  'a/ansi',
];
const loginFiles = [
  '/etc/os-release',
  '/etc/protocols',
  '/etc/services',
  '/etc/mke2fs.conf',
  '/etc/ssl/openssl.cnf',
  '/etc/nanorc',
  '/etc/lvm/lvm.conf',
];

/** Everything of the rescue system but the executable, whose place is an empty file that init binds the real one over. */
async function makeTree(
  directory: string,
  executable: string,
  source: ModuleSource,
  modules: readonly string[],
): Promise<void> {
  const tree = new RescueTree(directory);
  await tree.create();
  const missing: string[] = [];
  for (const name of neededTools) if (!(await tree.addTool(name))) missing.push(name);
  if (missing.length > 0)
    throw new RekindleError('RK201', `The rescue system needs these tools: ${missing.join(', ')}`);
  for (const name of optionalTools) await tree.addTool(name);
  await addUdev(tree);
  await addNodeLibraries(tree, executable);
  for (const file of [...loginFiles, '/lib/x86_64-linux-gnu/libnss_files.so.2'])
    if (await isThere(file)) await tree.add(file);
  for (const name of terminals)
    for (const folder of ['/usr/share/terminfo', '/lib/terminfo', '/usr/lib/terminfo'])
      if (await isThere(join(folder, name))) await tree.add(join(folder, name));
  await tree.addDirectory('/usr/lib/locale/C.utf8');
  await addFirmware(tree);
  await installModules(source, modules, directory);
  for (const [path, file] of Object.entries(rescueFiles)) await tree.write(path, file.content, file.mode);
  await tree.write('/usr/bin/rekindle', '', 0o755);
  await tree.prove();
}

/** udevd, its rules and the small programs that the rules call; not the hardware database, which only has names for people. */
async function addUdev(tree: RescueTree): Promise<void> {
  for (const path of ['/usr/lib/systemd/systemd-udevd', '/lib/systemd/systemd-udevd', '/sbin/udevd'])
    if (await isThere(path)) await tree.add(path);
  for (const folder of ['/usr/lib/udev', '/lib/udev'])
    await tree.addDirectory(folder, (path) => !/hwdb|\/(.*(snd|sound|camera|v4l|mtp|ddc|snap).*)$/.test(path));
  await tree.addDirectory('/etc/udev');
}

/** Writes rd-base, a squashfs. Gives its size in bytes. */
export async function makeRdBase(options: {
  executable: string;
  source: ModuleSource;
  modules: readonly string[];
  work: string;
  output: string;
}): Promise<number> {
  const tree = await mkdtemp(join(options.work, 'rd-base-'));
  await makeTree(tree, options.executable, options.source, options.modules);
  await run([
    'mksquashfs',
    tree,
    options.output,
    '-comp',
    'zstd',
    '-Xcompression-level',
    '12',
    '-b',
    '256K',
    '-no-xattrs',
    '-noappend',
    '-no-progress',
    '-quiet',
    '-all-root',
  ]);
  await rm(tree, { recursive: true });
  return (await stat(options.output)).size;
}
