import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanEnvironment } from '../../../../common/run.ts';
import { openPty } from '../../../../tui/shell/pty.ts';

/**
 * Runs a tool that insists on a terminal, and types a line each time that it asks.
 * @returns what it showed
 */
export async function runOnTerminal(
  argv: readonly [string, ...string[]],
  answers: readonly [question: RegExp, line: string][],
): Promise<{ exitCode: number; shown: string }> {
  const [file, ...args] = argv;
  const pty = openPty(file, args, { columns: 80, rows: 24, env: cleanEnvironment, cwd: tmpdir() });
  const open = [...answers];
  let shown = '';
  let looked = 0;
  pty.stream.on('data', (data) => {
    shown += data.toString();
    const next = open[0];
    if (!next?.[0].test(shown.slice(looked))) return;
    looked = shown.length;
    open.shift();
    pty.write(`${next[1]}\n`);
  });
  const closed = new Promise<void>((resolve) => void pty.stream.once('close', () => resolve()));
  const timer = setTimeout(() => pty.kill(), 90_000); // a question that is not known here: say what was shown
  const exitCode = await pty.ended;
  clearTimeout(timer);
  // Its last words may still be on the way; a child of it that stays would keep the terminal open.
  await Promise.race([closed, delay(5000, undefined, { ref: false })]);
  pty.stream.destroy();
  if (open.length > 0) throw new Error(`${file} ended before it asked ${open[0]?.[0]}. It showed:\n${shown}`);
  return { exitCode, shown };
}
