import type { CommandRun } from './commands-run.ts';
import { renderArgv } from './run.ts';
import { visible } from './visible.ts';

/** A command as a line that can be pasted: what a terminal would not show, or take for an end of line, is written as bytes. */
export function renderLine(argv: readonly string[]): string {
  return argv
    .map((word) => {
      if (visible(word) === word) return renderArgv([word]);
      const bytes = [...Buffer.from(word)].map((byte) =>
        byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
          ? String.fromCharCode(byte)
          : `\\x${byte.toString(16).padStart(2, '0')}`,
      );
      return `$'${bytes.join('')}'`;
    })
    .join(' ');
}

/** The command of a log's line. The words of a hook may hold a secret: only its file is shown; the settings file has the rest. */
export function renderCommand({ argv, hidden }: CommandRun): string {
  const [file = ''] = argv;
  return hidden ? `# hook ${renderLine([file])} ...` : renderLine(argv);
}

/** How long it took and how it ended: '0.012 s, exit 0' */
export function renderEnd({ milliseconds, end }: CommandRun): string {
  return `${(milliseconds / 1000).toFixed(3)} s, ${end}`;
}
