import { readMdadm } from '../read/mdadm.ts';
import type { Root } from '../read/root.ts';
import { type CrypttabLine, readCrypttab } from '../read/tables.ts';
import { readTarget } from '../read/target.ts';
import type { Subject } from '../subject.ts';
import { uuidDigits } from './arrays.ts';
import type { Mapping, Names } from './names.ts';
import type { Reference } from './reference.ts';
import { resolveReference } from './resolve.ts';

const known = new WeakMap<Subject, Names>();

/** Where a name leads that the restored machine uses: its own tables and boot menu say what it calls its devices. */
export function lookUp(spec: string, subject: Subject): Reference {
  return resolveReference(spec, subject.devices, namesOf(subject));
}

function namesOf(subject: Subject): Names {
  const found = known.get(subject) ?? collect(subject);
  known.set(subject, found);
  return found;
}

function collect(subject: Subject): Names {
  const { root, saved = null, links = new Map<string, string>() } = subject;
  const arrays = new Map<string, string[]>();
  for (const { uuid, name } of readMdadm(root).arrays)
    if (uuid !== null && name !== null) arrays.set(uuidDigits(uuid), [...(arrays.get(uuidDigits(uuid)) ?? []), name]);
  const multipath = root.isFile('/etc/multipath.conf') || root.isFile('/etc/multipath/bindings');
  return { mappings: mappingsOf(subject), arrays, links, saved, multipath };
}

/** The tables of the system win over what its boot menu says: where both name a device, they agree on machines that start. */
function mappingsOf(subject: Subject): Map<string, Mapping> {
  const { root } = subject;
  const tables = ['/etc/crypttab', '/etc/crypttab.initramfs'].flatMap((path) => readCrypttab(root, path));
  return new Map([
    ...mappingsOfArguments(bootArguments(subject)),
    ...mappingsOfDmcrypt(root),
    ...tables.map((line): [string, Mapping] => [line.name, { source: line.spec, fresh: freshIn(line) }]),
  ]);
}

function bootArguments(subject: Subject): readonly string[] {
  try {
    return readTarget(subject).options ?? [];
  } catch {
    // The checks of the boot menu say what is wrong with it.
    return [];
  }
}

/** What crypttab(5) makes in the device at each start; null where its content stays. */
export function freshIn({ options }: Pick<CrypttabLine, 'options'>): string | null {
  if (options.includes('swap')) return 'swap';
  const [, type] = options.map((option) => /^tmp(?:=(.+))?$/.exec(option)).find((match) => match !== null) ?? [];
  return type ?? (options.includes('tmp') ? 'ext4' : null);
}

/** dracut.cmdline(7), systemd-cryptsetup-generator(8), mkinitcpio's encrypt hook, Alpine, genkernel, Debian's cryptopts. */
function mappingsOfArguments(options: readonly string[]): [string, Mapping][] {
  const valueIn = (key: string): string | undefined =>
    options.findLast((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  const found: [string, Mapping][] = [];
  const add = (name: string | undefined, source: string | undefined): void => {
    if (name && source) found.push([name, { source, fresh: null }]);
  };
  add('root', valueIn('crypt_root'));
  add('swap', valueIn('crypt_swap'));
  add(valueIn('cryptdm') ?? 'root', valueIn('cryptroot'));
  for (const option of options) {
    const [key = '', value = ''] = option.split(/=(.*)/s);
    if (key === 'cryptdevice') add(value.split(':')[1], value.split(':')[0]);
    if (key === 'rd.luks.name' || key === 'luks.name') add(value.split('=')[1], `UUID=${value.split('=')[0]}`);
    if (key === 'cryptopts') {
      const words = new Map(value.split(',').map((word) => word.split(/=(.*)/s) as [string, string]));
      add(words.get('target') ?? 'cryptroot', words.get('source'));
    }
  }
  return found;
}

/** OpenRC's dmcrypt: 'target=home' or 'swap=crypt-swap', then its 'source=...'. */
function mappingsOfDmcrypt(root: Root): [string, Mapping][] {
  const found: [string, Mapping][] = [];
  let name: { name: string; fresh: string | null } | null = null;
  for (const line of (root.text('/etc/conf.d/dmcrypt') ?? '').split('\n')) {
    const [, key, value = ''] = /^\s*(target|swap|source)=["']?([^"'\s]+)/.exec(line) ?? [];
    if (key === 'target' || key === 'swap') name = { name: value, fresh: key === 'swap' ? 'swap' : null };
    if (key === 'source' && name !== null) found.push([name.name, { source: value, fresh: name.fresh }]);
  }
  return found;
}
