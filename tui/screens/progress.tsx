import { formatBytes, formatCount, formatDuration } from '../../common/format.ts';
import type { EngineState, Progress } from '../../restore/execute/protocol.ts';
import { renderThroughput } from '../charts/throughput.ts';
import { bar } from '../components/bar.ts';
import { Frame } from '../components/frame.tsx';
import { Line, type LineProps, Lines } from '../components/line.tsx';
import { useKeys, useScreen } from '../context.ts';
import { type Glyphs, printable } from '../glyphs.ts';
import { shortenPath } from '../wording.ts';
import { Verification } from './verification.tsx';

const chartColumns = 34;
const chartRows = 7;
/** Fewer tell nothing. */
const fewestChartRows = 3;
/** Frame 5, heading, speed, now, file, next, blank; and one row of the log. */
const otherRows = 12;

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

const nameColumns = 12;
/** '100% 12,345,678 files' */
const stateColumns = 21;

/** The steps around the one that runs, where they are more than there are rows; how many others there are is said. */
function fileSystemLines(progress: Progress, rows: number, columns: number, glyphs: Glyphs): string[] {
  const extractions = progress.steps.filter(({ bytesTotal }) => bytesTotal > 0);
  const isRest = extractions.length > rows;
  const shown = isRest ? rows - 1 : rows;
  const running = extractions.findIndex(({ status }) => status !== 'done');
  const first = Math.max(0, Math.min((running < 0 ? extractions.length : running) - 1, extractions.length - shown));
  const width = Math.max(4, Math.min(18, columns - nameColumns - stateColumns - 2));
  const lines = extractions.slice(first, first + shown).map((step) => {
    const name = shortenPath(filledBy(step), nameColumns).padEnd(nameColumns);
    return `${name} ${bar(step.bytesDone / step.bytesTotal, width, glyphs)} ${describe(step)}`;
  });
  const done = extractions.filter(({ status }) => status === 'done').length;
  return isRest ? [...lines, `${extractions.length} in all, ${done} done`] : lines;
}

/** '/home' of a step that extracts it, '@old' of one that fills a subvolume; else what it works on. */
function filledBy({ title, target }: StepProgress): string {
  const name = /^extract (.+): \d/.exec(title)?.[1] ?? target;
  return /^btrfs subvolume (.+) of \S+$/.exec(name)?.[1] ?? name;
}

/** The running restore. It goes on without this screen. */
export function ProgressScreen({ state, progress }: { state: EngineState; progress: Progress }) {
  const { size, glyphs, go } = useScreen();
  useKeys((input) => {
    if (input === 'l') go({ name: 'logs' });
  });
  const hostname = state.set?.machine.hostname ?? '';
  const done = progress.steps.filter(({ status }) => status === 'done').length;
  const left = progress.secondsLeft === null ? '' : ` ${glyphs.dot} ${formatDuration(progress.secondsLeft)} left`;
  const current = progress.steps[progress.current];
  const next = progress.steps.slice(progress.current + 1, progress.current + 4).map(({ title }) => title);
  // Of what comes next, the farthest is what goes for want of room.
  const nextWordings = next.map((_, index) => `next  ${next.slice(0, next.length - index).join(` ${glyphs.dot} `)}`);
  const height = Math.max(fewestChartRows, Math.min(chartRows, size.rows - otherRows));
  const logRows = Math.max(0, size.rows - height - otherRows + 1);
  const chart = renderThroughput(progress.history, chartColumns, height, glyphs);
  const besideChart = size.columns - chartColumns - 4;
  const isWide = besideChart > nameColumns + stateColumns + 6;
  const fileSystems = fileSystemLines(progress, height, isWide ? besideChart : size.columns - 2, glyphs);
  const rows = Array.from({ length: height }, (_, row): LineProps => {
    const left = isWide ? (chart[row] ?? '').padEnd(chartColumns + 2) : '';
    return { indent: 2, isOneRow: true, text: `${left}${fileSystems[row] ?? ''}` };
  });
  return (
    <Frame
      title={[`Restoring ${hostname}`, `Restoring ${hostname.split('.', 1)[0]}`]}
      aside={`${done} of ${progress.steps.length} ${glyphs.dot} ${Math.floor(shareOf(progress.steps) * 100)}%${left}`}
      keys="l log   ! shell   the restore goes on without a screen"
    >
      {progress.current < 0 ? (
        <Verification verification={state.verification} />
      ) : (
        <Line text={isWide ? 'MB/s' : 'File systems'} />
      )}
      <Lines lines={rows} />
      <Line text={`speed ${formatBytes(progress.bytesPerSecond)}/s`} />
      <Line isOneRow text={`now   ${current?.title ?? 'checking the whole medium first'}`} />
      <Line isOneRow text={`      ${shortenPath(printable(progress.currentFile, glyphs), size.columns - 7)}`} />
      <Line isOneRow text={nextWordings.length > 0 ? nextWordings : ''} />
      <Line />
      <Lines
        lines={(logRows > 0 ? state.log.slice(-logRows) : []).map((text) => ({ text, indent: 3, isOneRow: true }))}
      />
    </Frame>
  );
}
