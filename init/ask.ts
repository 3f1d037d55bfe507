import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { say } from './say.ts';
import { listConsoles } from './shell.ts';

/** One line typed on any of the consoles; the first to answer wins. Never rejects: a console that breaks is left out. */
function readLine(): Promise<string> {
  const streams = listConsoles().map((name) => createReadStream(`/dev/${name}`));
  return new Promise((resolve) => {
    for (const stream of streams) {
      stream.on('error', () => stream.destroy());
      const lines = createInterface({ input: stream });
      lines.once('line', (line) => {
        for (const other of streams) other.destroy();
        resolve(line.trim().toLowerCase());
      });
    }
  });
}

/** Asks until one of the choices' first letters is typed. Nothing happens on a bare Enter. */
export async function ask<const T extends readonly string[]>(choices: T): Promise<T[number]> {
  for (;;) {
    say(`Type ${choices.map((choice) => `${choice[0]} for ${choice}`).join(', ')}, then Enter:`);
    const answer = await readLine();
    const chosen = choices.find((choice) => answer !== '' && choice.startsWith(answer));
    if (chosen) return chosen;
  }
}
