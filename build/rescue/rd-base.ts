import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { isThere } from '../../common/files/is-there.ts';
import { run } from '../../common/run.ts';
import { addFirmware } from './firmware.ts';
import { addNodeLibraries } from './initrd.ts';
import { manuals } from './manuals.ts';
import { installModules, type ModuleSource } from './modules.ts';
import { rescueFiles } from './overlay.ts';
import { makeLibraryCache, proveTree } from './prove.ts';
import { neededTools, optionalTools } from './tools.ts';
import { RescueTree } from './tree.ts';

const terminals = 'linux vt100 vt102 vt220 xterm xterm-256color screen dumb ansi'.split(' ');
const terminalFolders = ['/usr/share/terminfo', '/lib/terminfo', '/usr/lib/terminfo', '/etc/terminfo'];
/** Settings that tools read and that name nothing of this machine. */
const settings = [
  '/etc/protocols',
  '/etc/services',
  '/etc/mke2fs.conf',
  '/etc/ssl/openssl.cnf',
  '/etc/nanorc',
  '/etc/lvm/lvm.conf',
  '/usr/share/misc/pci.ids',
  '/usr/share/misc/usb.ids',
];
/** Libraries that others load by name: names of hosts, ends of threads; digests that only old LUKS headers have (whirlpool). */
const loadedByName = [
  ...['libnss_files.so.2', 'libnss_dns.so.2', 'libgcc_s.so.1', 'libutil.so.1', 'libpthread.so.0'],
  'ossl-modules/legacy.so',
];
const libraryFolders = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/usr/lib'];
const udevDaemons = ['/usr/lib/systemd/systemd-udevd', '/lib/systemd/systemd-udevd', '/sbin/udevd'];
/**
 * Rules and their programs for what a rescue has no use for; the hardware database only has names for people. The rules
 * that put arrays and volume groups together by themselves stay out too: an old disk's must not become active, and one
 * that a step has just stopped must not come back.
 */
const udevLeftOut =
  /hwdb|md-raid-assembly\.rules|69-(dm-)?lvm(-metad)?\.rules|\/[^/]*(snd|sound|camera|v4l|mtp|ddc|snap|joystick|seat|brightness)[^/]*$/;

export interface RdBaseOptions {
  executable: string;
  source: ModuleSource;
  modules: readonly string[];
  work: string;
  /** Trusted keys: contents by path. */
  keyFiles?: ReadonlyMap<string, string>;
  output: string;
  signal?: AbortSignal;
}

/** Bytes before compression, for the size report. */
export interface RdBaseSize {
  size: number;
  modules: number;
  firmware: number;
  rest: number;
}

/** Everything of the rescue system but the executable, whose place is an empty file that init binds the real one over. */
async function fill(tree: RescueTree, options: RdBaseOptions): Promise<void> {
  const missing: string[] = [];
  for (const name of neededTools) if (!(await tree.addTool(name))) missing.push(name);
  if (missing.length > 0)
    throw new RekindleError('RK201', `The rescue system needs these tools: ${missing.join(', ')}`);
  for (const names of Object.values(optionalTools)) for (const name of names) await tree.addTool(name);
  await addUdev(tree);
  await addNodeLibraries(tree, options.executable);
  for (const name of loadedByName) await addFirst(tree, libraryFolders, name);
  for (const file of settings) if (await isThere(file)) await tree.add(file);
  for (const name of terminals)
    await addFirst(
      tree,
      terminalFolders.map((folder) => join(folder, name.slice(0, 1))),
      name,
    );
  for (const folder of ['/usr/lib/locale/C.utf8', '/usr/lib/locale/C.UTF-8']) await tree.addDirectory(folder);
  // For a rescue by hand. Ready-made images of GRUB (monolithic, signed) are four times as large as all modules.
  for (const platform of ['i386-pc', 'x86_64-efi'])
    await tree.addDirectory(join('/usr/lib/grub', platform), (path) => /\.(mod|lst|img)$/.test(path));
  await installModules(options.source, options.modules, tree.directory);
  await addFirmware(tree, options.source);
  for (const [path, file] of Object.entries(rescueFiles)) await tree.write(path, file.content, file.mode);
  for (const [path, text] of await manuals()) await tree.write(path, text, 0o644);
  for (const [path, text] of options.keyFiles ?? []) await tree.write(path, text, 0o644);
  await tree.write('/usr/bin/rekindle', '', 0o755);
}

async function addFirst(tree: RescueTree, folders: readonly string[], name: string): Promise<void> {
  const folder = (await Promise.all(folders.map(async (each) => (await isThere(join(each, name))) && each))).find(
    Boolean,
  );
  if (folder) await tree.add(join(folder, name));
}

async function addUdev(tree: RescueTree): Promise<void> {
  for (const path of udevDaemons) if (await isThere(path)) await tree.add(path);
  for (const folder of ['/usr/lib/udev', '/lib/udev'])
    await tree.addDirectory(folder, (path) => !udevLeftOut.test(path));
  await mkdir(join(tree.directory, 'etc/udev/rules.d'), { recursive: true });
}

async function sizeOf(path: string): Promise<number> {
  if (!(await isThere(path))) return 0;
  const { stdout } = await run(['du', '-s', '--apparent-size', '--block-size=1', path]);
  return Number.parseInt(stdout, 10);
}

/** Writes rd-base, a squashfs. @throws RekindleError RK201, RK204 */
export async function makeRdBase(options: RdBaseOptions): Promise<RdBaseSize> {
  const directory = await mkdtemp(join(options.work, 'rd-base-'));
  const tree = await RescueTree.create(directory);
  await fill(tree, options);
  await makeLibraryCache(tree);
  await proveTree(tree);
  const modules = await sizeOf(join(directory, 'usr/lib/modules'));
  const firmware = await sizeOf(join(directory, 'usr/lib/firmware'));
  const rest = (await sizeOf(directory)) - modules - firmware;
  const compression = ['-comp', 'zstd', '-Xcompression-level', '9', '-b', '256K'];
  const quietly = ['-no-xattrs', '-noappend', '-no-progress', '-quiet', '-all-root'];
  await run(
    ['mksquashfs', directory, options.output, ...compression, ...quietly],
    options.signal ? { signal: options.signal } : {},
  );
  await rm(directory, { recursive: true });
  return { size: (await stat(options.output)).size, modules, firmware, rest };
}
