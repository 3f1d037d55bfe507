import { formatBytes, formatDuration } from '../common/format.ts';
import { type Output, printProgress, printStatus } from '../common/print.ts';
import { visible } from '../common/visible.ts';

export interface Progress {
  /** 'save /', 'initrd' */
  phase: string;
  /** Null: the phase has no measure. */
  bytesTotal: number | null;
  bytesDone: number;
  /** What is being worked on: a file's name. */
  note?: string;
}

const barWidth = 24;

/** One line of a phase: bar, share, speed, time left. */
export function renderProgress(progress: Progress, elapsedSeconds: number): string {
  const name = visible(progress.phase).padEnd(20).slice(0, 20);
  if (progress.bytesTotal === null || progress.bytesTotal === 0) return `${name} ${formatDuration(elapsedSeconds)}`;
  const share = Math.min(1, progress.bytesDone / progress.bytesTotal);
  const filled = Math.round(share * barWidth);
  const speed = elapsedSeconds > 0 ? progress.bytesDone / elapsedSeconds : 0;
  const left =
    speed > 0 && share < 1 ? `, ${formatDuration((progress.bytesTotal - progress.bytesDone) / speed)} left` : '';
  const bar = '#'.repeat(filled) + '.'.repeat(barWidth - filled);
  return `${name} [${bar}] ${String(Math.round(share * 100)).padStart(3)}%  ${formatBytes(speed)}/s${left}`;
}

/** Shows the phases: a bar that moves on a terminal, one plain line a phase elsewhere. */
export class ProgressDisplay {
  readonly #output: Output;
  #phase = '';
  #started = 0;
  #drawn = 0;
  #last: Progress | null = null;

  constructor(output: Output = process.stderr) {
    this.#output = output;
  }

  update(progress: Progress): void {
    if (progress.phase !== this.#phase) this.#begin(progress.phase);
    this.#last = { ...progress };
    const now = Date.now();
    if (!this.#output.isTTY || now - this.#drawn < 100) return;
    this.#drawn = now;
    printStatus(renderProgress(progress, (now - this.#started) / 1000), this.#output);
  }

  #begin(phase: string): void {
    this.finish();
    this.#phase = phase;
    this.#started = Date.now();
    if (!this.#output.isTTY) printProgress([`${phase} ...`], this.#output);
  }

  /** Ends the current phase with a line that stays. */
  finish(): void {
    const last = this.#last;
    if (!last) return;
    const seconds = (Date.now() - this.#started) / 1000;
    const amount = last.bytesDone > 0 ? `${formatBytes(last.bytesDone)} in ` : '';
    printStatus('', this.#output);
    printProgress([`${visible(last.phase).padEnd(20)} done, ${amount}${formatDuration(seconds)}`], this.#output);
    this.#last = null;
  }
}
