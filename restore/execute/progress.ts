import type { ArchiveProgress } from '../archive/write-archive.ts';
import type { Plan } from '../plan/step.ts';
import type { Progress } from './protocol.ts';

const historyLength = 120;
/** Speed is averaged over this many seconds. */
const window = 10;

/** Keeps the figures that the screens show. */
export class ProgressTracker {
  readonly progress: Progress;
  readonly #totalBytes: number;
  #finishedBytes = 0;
  #lastSample = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(plan: Plan, onSample: () => void) {
    this.#totalBytes = plan.steps.reduce((sum, { weightBytes }) => sum + weightBytes, 0);
    this.progress = {
      steps: plan.steps.map(({ id, title, target, weightBytes }) => ({
        id,
        title,
        target,
        status: 'waiting',
        bytesDone: 0,
        bytesTotal: weightBytes,
        filesDone: 0,
      })),
      current: -1,
      bytesPerSecond: 0,
      secondsLeft: null,
      currentFile: '',
      history: [],
    };
    this.#timer = setInterval(() => {
      this.#sample();
      onSample();
    }, 1000);
  }

  /** By the restore that is continued. */
  wasEnded(index: number, status: 'done' | 'skipped'): void {
    this.end(index, status);
  }

  begin(index: number): void {
    this.progress.current = index;
    this.#mark(index, 'running');
  }

  end(index: number, status: 'done' | 'failed' | 'skipped'): void {
    this.#mark(index, status);
    const step = this.progress.steps[index];
    if (!step || status === 'failed') return;
    if (status === 'done') step.bytesDone = step.bytesTotal;
    this.#finishedBytes += step.bytesTotal;
    this.progress.currentFile = '';
  }

  extracted(index: number, { bytes, members, file }: ArchiveProgress): void {
    const step = this.progress.steps[index];
    if (!step) return;
    step.bytesDone = Math.min(bytes, step.bytesTotal);
    step.filesDone = members;
    this.progress.currentFile = file.replace(/^\./, '');
  }

  stop(): void {
    clearInterval(this.#timer);
    this.progress.secondsLeft = null;
    this.progress.bytesPerSecond = 0;
  }

  #mark(index: number, status: Progress['steps'][number]['status']): void {
    const step = this.progress.steps[index];
    if (step) step.status = status;
  }

  #sample(): void {
    const current = this.progress.steps[this.progress.current];
    const done = this.#finishedBytes + (current?.status === 'running' ? current.bytesDone : 0);
    this.progress.history.push(Math.max(0, done - this.#lastSample));
    this.#lastSample = done;
    if (this.progress.history.length > historyLength) this.progress.history.shift();
    const recent = this.progress.history.slice(-window);
    this.progress.bytesPerSecond = recent.reduce((sum, value) => sum + value, 0) / recent.length;
    const speed = this.progress.bytesPerSecond;
    this.progress.secondsLeft = speed > 0 ? (this.#totalBytes - done) / speed : null;
  }
}
