import type { ChildProcess } from 'node:child_process';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { chroot } from '@rekindle/linux-syscalls';
import { availableMemory } from './root/memory.ts';
import { logFile, note } from './say.ts';
import { spawnOwn } from './stage2/children.ts';
import { environment } from './stage2/environment.ts';
import { onTerminal } from './terminal.ts';

/** The executable as the initramfs has it. */
const executable = '/init';
/** Where memory is short, what is not needed yet waits its turn. */
const roomBytes = 400e6;

let prepared: { console: string; child: ChildProcess } | null = null;

/**
 * Starts the menu of /dev/console while the medium is still being looked for and checked, which leaves a processor idle: it
 * loads what it needs, and waits. The other consoles' menus come later, so that this one has the processor. Never throws.
 */
export function prepareMenu(console: string | undefined): void {
  if (console === undefined || prepared || availableMemory() < roomBytes) return;
  try {
    prepared = { console, child: startPrepared(console) };
  } catch (error) {
    note(`menu on ${console} ahead of time: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function startPrepared(console: string): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawnOwn(executable, ['menu', '--prepared', console], {
      stdio: ['pipe', log, log],
      detached: true,
      // In /proc, which moves along, each process finds the rescue system later.
      cwd: '/proc',
      env: { ...environment, ...onTerminal(console, ['']).env, FORCE_COLOR: '1' },
    });
    for (const side of [child, child.stdin]) side?.on('error', (error) => note(`menu on ${console}: ${error.message}`));
    return child;
  } finally {
    closeSync(log);
  }
}

/** The prepared menu of that console, told to begin; null when there is none that lives. */
export function beginPrepared(console: string): ChildProcess | null {
  if (prepared?.console !== console) return null;
  const { child } = prepared;
  prepared = null;
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return null;
  child.stdin?.end('\n');
  return child;
}

/** Lets go of the one that nobody needed: it ends by itself. */
export function dropPrepared(): void {
  prepared?.child.stdin?.end();
  prepared = null;
}

/**
 * In the prepared menu: waits for the word, enters the rescue system (a root that was moved over ours leaves us behind),
 * and takes the terminal as the controlling one, being the leader of a session. Does not return when PID 1 needs no menu.
 */
export async function enterRescueSystem(console: string): Promise<{ input: ReadStream; output: WriteStream }> {
  await untilBegun();
  chroot('1/root');
  process.chdir(existsSync('/root') ? '/root' : '/');
  // One each: libuv watches a descriptor for one stream only.
  const [reading, writing] = [
    openSync(`/dev/${console}`, constants.O_RDWR),
    openSync(`/dev/${console}`, constants.O_RDWR),
  ];
  const output = new WriteStream(writing);
  process.on('SIGWINCH', () => followSize(output));
  return { input: new ReadStream(reading), output };
}

function untilBegun(): Promise<void> {
  const unneeded = (): never => process.exit(0);
  return new Promise((resolve) => {
    process.stdin.once('end', unneeded).once('data', () => {
      process.stdin.off('end', unneeded).destroy();
      resolve();
    });
  });
}

/** As Node does for its own standard output. */
function followSize(output: WriteStream): void {
  const [columns, rows] = output.getWindowSize();
  if (columns === output.columns && rows === output.rows) return;
  Object.assign(output, { columns, rows });
  output.emit('resize');
}
