import { existsSync } from 'node:fs';
import { clearScreen, type Size, type Terminal } from '../terminal.ts';
import { openPty } from './pty.ts';

/** A real terminal with a shell, on the menu's own screen. Resolves when the shell ends; the menu is drawn again then. */
export async function runShell({ input, output }: Terminal, size: Size): Promise<void> {
  clearScreen(output);
  output.write('Shell of the rescue system. "exit" or Ctrl-D goes back to the menu.\r\n\r\n');
  const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
  const env: Record<string, string> = {
    TERM: process.env.TERM ?? 'linux',
    HOME: process.env.HOME ?? '/root',
    LANG: 'C.UTF-8',
  };
  env.PATH = process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin';
  const pty = openPty(shell, ['-l'], {
    columns: size.columns,
    rows: size.rows,
    env,
    cwd: existsSync('/root') ? '/root' : '/',
  });
  const typed = (data: Buffer | string): void => pty.write(data);
  const hangUp = (): void => pty.kill();
  input.setRawMode?.(true);
  input.on('data', typed);
  input.on('end', hangUp);
  input.resume();
  pty.stream.on('data', (data: Buffer) => output.write(data));
  await pty.ended;
  input.off('data', typed);
  input.off('end', hangUp);
  pty.stream.destroy();
  clearScreen(output);
}
