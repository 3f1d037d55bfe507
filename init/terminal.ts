import { terminalType } from './consoles.ts';

/**
 * Opens the terminal from inside a session of its own, which makes it the session's controlling one: job control,
 * Ctrl-C and window sizes work, and no tool but a shell is needed. What died before may have left the line raw.
 * $1 terminal, $2 speed or nothing, the rest is the command.
 */
const script = 'exec <"$1" >"$1" 2>&1; stty sane $2 2>/dev/null; shift 2; exec "$@"';

export interface TerminalCommand {
  file: string;
  args: string[];
  env: { TERM: string; REKINDLE_CONSOLE: string };
}

/** A command on a terminal, to be spawned with `detached: true`. @param speed bits per second; null leaves it */
export function onTerminal(console: string, argv: readonly string[], speed: number | null = null): TerminalCommand {
  return {
    file: '/bin/sh',
    args: ['-c', script, 'sh', `/dev/${console}`, speed === null ? '' : String(speed), ...argv],
    env: { TERM: terminalType(console), REKINDLE_CONSOLE: console },
  };
}
