import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Field 22 of proc(5)'s stat, counted behind the name, which may hold spaces and brackets. In clock ticks since the machine's start. */
const startTime = 22 - 3;

/** What cannot be told of oneself: a mark with it never shows that its process is gone. */
const unknown = { machine: '0'.repeat(12), boot: '0'.repeat(8), namespace: '0'.repeat(8) } as const;

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return '';
  }
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** Network cards' addresses, those of bridges and containers not among them: they change from one start to the next. */
function cardAddresses(): string[] {
  const directory = '/sys/class/net';
  if (!existsSync(directory)) return [];
  const cards = readdirSync(directory).filter((name) => existsSync(join(directory, name, 'device')));
  return cards.map((name) => textOf(join(directory, name, 'address'))).toSorted();
}

/** machine-id(5) alone would not do: machines made of one image have the same, and save into the same folder. */
function machineHere(): string {
  const id = textOf('/etc/machine-id');
  if (id === '') return unknown.machine;
  const board = ['/sys/class/dmi/id/product_uuid', '/sys/firmware/devicetree/base/serial-number'].map(textOf);
  return digest([id, hostname(), ...board, ...cardAddresses()].join('\n'), unknown.machine.length);
}

function bootHere(): string {
  const id = textOf('/proc/sys/kernel/random/boot_id');
  return id === '' ? unknown.boot : digest(id, unknown.boot.length);
}

/** Numbers of processes mean something in their PID namespace only, start times in their time namespace. */
function namespaceHere(): string {
  try {
    // A container may show the /proc of another namespace.
    if (!readFileSync('/proc/self/stat', 'latin1').startsWith(`${process.pid} `)) return unknown.namespace;
    const links = ['pid', 'time'].map((name) => (existsSync(`/proc/self/ns/${name}`) ? `/proc/self/ns/${name}` : ''));
    return digest(links.map((link) => (link === '' ? '' : readlinkSync(link))).join(), unknown.namespace.length);
  } catch {
    return unknown.namespace;
  }
}

function startOf(pid: number): string | null {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[startTime] ?? null;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/**
 * Names a process of our PID namespace in the name of what belongs to it: 'machine.boot.namespace.number.start'. Folders are shared by machines
 * (NFS) and by containers; another process with the same number, after a restart of the machine say, has another mark.
 */
export function markOf(pid: number): string {
  return [machineHere(), bootHere(), namespaceHere(), pid, startOf(pid) ?? 0].join('.');
}

/** `elsewhere`: on another machine or in another container; nothing here can tell whether it still runs. */
export type Owner = 'running' | 'gone' | 'elsewhere';

/** Whether that process is still there. @param mark as `markOf` gives it */
export function ownerOf(mark: string): Owner {
  const [machine, boot, namespace, pid = '', start] = mark.split('.');
  const here = { machine: machineHere(), boot: bootHere(), namespace: namespaceHere() };
  if (machine !== here.machine || boot === unknown.boot || here.boot === unknown.boot) return 'elsewhere';
  if (boot !== here.boot) return machine === unknown.machine ? 'elsewhere' : 'gone';
  if (namespace !== here.namespace || namespace === unknown.namespace) return 'elsewhere';
  if (!isThere(Number(pid))) return 'gone';
  const found = startOf(Number(pid));
  return found === null || found === start ? 'running' : 'gone';
}
