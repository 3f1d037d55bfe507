import { type Command, fileOf, truthOf } from './call.ts';
import { shown } from './places.ts';

const linux: Command = (call) => {
  const words = call.words.filter((word, index) => index > 0 || !word.startsWith('--'));
  const [path, ...options] = words;
  if (path === undefined) return false;
  const kernel = fileOf(call, path);
  call.scope.loaded = { ...call.scope.loaded, kernel, options, initrds: [], others: [], chained: null };
  return truthOf(kernel);
};

/** '--nounzip' of a module, 'newc:NAME:PATH' of an initrd. */
const initrd: Command = (call) => {
  const files = call.words
    .filter((word) => !word.startsWith('--'))
    .map((word) => fileOf(call, word.replace(/^newc:[^:]*:/, '')));
  call.scope.loaded = { ...call.scope.loaded, initrds: [...call.scope.loaded.initrds, ...files] };
  return true;
};

const hypervisor: Command = (call) => {
  const path = call.words.find((word) => !word.startsWith('--'));
  if (path === undefined) return false;
  call.scope.loaded = { kernel: null, options: [], initrds: [], others: [fileOf(call, path)], chained: null };
  return true;
};

/** Behind a hypervisor the first module is its kernel, the others are initramfs. */
const module: Command = (call) => {
  const [path, ...options] = call.words.filter((word) => !/^--(nounzip|type)$/.test(word));
  if (path === undefined) return false;
  const { loaded } = call.scope;
  call.scope.loaded =
    loaded.kernel === null
      ? { ...loaded, kernel: fileOf(call, path), options }
      : { ...loaded, initrds: [...loaded.initrds, fileOf(call, path)] };
  return true;
};

const devicetree: Command = (call) => {
  const { loaded } = call.scope;
  const others = call.words.slice(0, 1).map((word) => fileOf(call, word));
  call.scope.loaded = { ...loaded, others: [...loaded.others, ...others] };
  return true;
};

const chain: Command = ({ name, words, scope }) => {
  scope.loaded = { ...scope.loaded, kernel: null, chained: shown([name, ...words].join(' ')) };
  return true;
};

const named: readonly [Command, readonly string[]][] = [
  [linux, ['linux', 'linux16', 'linuxefi']],
  [initrd, ['initrd', 'initrd16', 'initrdefi']],
  [hypervisor, ['multiboot', 'multiboot2', 'xen_hypervisor']],
  [module, ['module', 'module2', 'xen_module']],
  [devicetree, ['devicetree']],
  [chain, ['chainloader', 'ntldr', 'appleloader', 'fwsetup', 'exit', 'reboot', 'halt', 'kfreebsd']],
];

/** Commands of an entry: what it loads, in the order of the lines. */
export const loadCommands: readonly [string, Command][] = named.flatMap(([command, names]) =>
  names.map((name): [string, Command] => [name, command]),
);
