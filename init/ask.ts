import { constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { listConsoles } from './consoles.ts';
import { say } from './say.ts';

export interface Answer<T extends string> {
  choice: T;
  /** Where it was typed: a shell opens there. */
  console: string;
}

/** Consoles that cannot be opened now are looked at again: one may be plugged in. */
const reopenMs = 5000;

/**
 * Opens a terminal for typed lines. A tty stream waits by epoll; a file stream would leave a blocked read behind,
 * which eats the next line typed there and holds a thread of libuv's pool for good.
 */
function openTerminal(name: string): ReadStream | null {
  try {
    const fd = openSync(`/dev/${name}`, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    return new ReadStream(fd);
  } catch {
    return null;
  }
}

/** One line typed on any console; the first to answer wins. Never rejects: a console that breaks is left out. */
function readLine(): Promise<{ line: string; console: string }> {
  return new Promise((resolve) => {
    const open = new Map<string, ReadStream>();
    const finish = (console: string, line: string): void => {
      clearInterval(timer);
      for (const stream of open.values()) stream.destroy();
      resolve({ console, line: line.trim().toLowerCase() });
    };
    const listen = (name: string): void => {
      const stream = openTerminal(name);
      if (!stream) return;
      open.set(name, stream);
      let typed = '';
      const forget = (): void => {
        stream.destroy();
        open.delete(name);
      };
      stream.on('error', forget).on('end', forget);
      stream.on('data', (data) => {
        typed += data.toString();
        const end = typed.search(/[\r\n]/);
        if (end >= 0) finish(name, typed.slice(0, end));
      });
    };
    const listenToAll = (): void => {
      for (const name of listConsoles()) if (!open.has(name)) listen(name);
    };
    const timer = setInterval(listenToAll, reopenMs);
    listenToAll();
  });
}

/** Asks on every console until one of the choices, or its beginning, is typed. Nothing happens on a bare Enter. */
export async function ask<const T extends readonly string[]>(choices: T): Promise<Answer<T[number]>> {
  for (;;) {
    say(`Type ${choices.map((choice) => `${choice[0]} for ${choice}`).join(', ')}, then Enter:`);
    const { line, console } = await readLine();
    const choice = choices.find((one) => line !== '' && one.startsWith(line));
    if (choice) return { choice, console };
  }
}
