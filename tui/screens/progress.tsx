import { formatBytes, formatCount, formatDuration } from '../../common/format.ts';
import type { EngineState, Progress } from '../../restore/execute/protocol.ts';
import { renderThroughput } from '../charts/throughput.ts';
import { bar } from '../components/bar.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { useKeys, useScreen } from '../context.ts';
import type { Glyphs } from '../glyphs.ts';
import { Verification } from './verification.tsx';

const chartColumns = 34;
const chartRows = 7;
/** All rows that are neither chart nor log: frame 5, heading, speed, now, file, next, blank. */
const otherRows = 11;

type StepProgress = Progress['steps'][number];

function shareOf(steps: readonly StepProgress[]): number {
  const total = steps.reduce((sum, { bytesTotal }) => sum + bytesTotal, 0);
  const done = steps.reduce((sum, { bytesDone }) => sum + bytesDone, 0);
  return total > 0 ? done / total : 0;
}

function describe(step: StepProgress): string {
  if (step.status === 'done') return 'done';
  if (step.status === 'failed') return 'failed';
  if (step.status === 'skipped') return 'left out';
  if (step.status === 'waiting') return '';
  return `${Math.floor((step.bytesDone / step.bytesTotal) * 100)}% ${formatCount(step.filesDone)} files`;
}

/** One line a file system: where it goes, how far it is. */
function fileSystemLines(progress: Progress, glyphs: Glyphs): string[] {
  const extractions = progress.steps.filter(({ bytesTotal }) => bytesTotal > 0);
  return extractions.slice(0, chartRows).map((step) => {
    const name = /extract (\S+):/.exec(step.title)?.[1] ?? step.target;
    return `${name.padEnd(8).slice(0, 12)} ${bar(step.bytesDone / step.bytesTotal, 14, glyphs)} ${describe(step)}`;
  });
}

/** The running restore. It goes on without this screen. */
export function ProgressScreen({ state, progress }: { state: EngineState; progress: Progress }) {
  const { size, glyphs, go } = useScreen();
  useKeys((input) => {
    if (input === 'l') go({ name: 'logs' });
  });
  const done = progress.steps.filter(({ status }) => status === 'done').length;
  const left = progress.secondsLeft === null ? '' : ` ${glyphs.dot} ${formatDuration(progress.secondsLeft)} left`;
  const current = progress.steps[progress.current];
  const next = progress.steps.slice(progress.current + 1, progress.current + 4).map(({ title }) => title);
  const logRows = Math.max(1, size.rows - chartRows - otherRows);
  const chart = renderThroughput(progress.history, chartColumns, chartRows, glyphs);
  const fileSystems = fileSystemLines(progress, glyphs);
  const rows = Array.from(
    { length: chartRows },
    (_, row) => `${(chart[row] ?? '').padEnd(chartColumns + 2)}${fileSystems[row] ?? ''}`,
  );
  return (
    <Frame
      title={`Restoring ${state.set?.machine.hostname ?? ''}`}
      aside={`${done} of ${progress.steps.length} ${glyphs.dot} ${Math.floor(shareOf(progress.steps) * 100)}%${left}`}
      keys="l log   ! shell   the restore goes on without a screen"
    >
      {progress.current < 0 ? <Verification verification={state.verification} /> : <Line text="MB/s" />}
      <Lines indent={2} lines={rows} />
      <Line text={`speed ${formatBytes(progress.bytesPerSecond)}/s`} />
      <Line text={`now   ${current?.title ?? 'checking the whole medium first'}`} />
      <Line text={`      ${progress.currentFile}`} />
      <Line text={next.length > 0 ? `next  ${next.join(` ${glyphs.dot} `)}` : ''} />
      <Line />
      <Lines indent={3} lines={state.log.slice(-logRows)} />
    </Frame>
  );
}
