import { Box, Text } from 'ink';
import { formatBytes, formatCount, formatDuration } from '../../common/format.ts';
import type { EngineState, Progress } from '../../restore/execute/protocol.ts';
import { renderThroughput } from '../charts/throughput.ts';
import { Bar } from '../components/bar.tsx';
import { Frame } from '../components/frame.tsx';
import { useScreen } from '../context.ts';
import { Verification } from './main-menu.tsx';

const chartColumns = 34;
const chartRows = 7;

function shareOf(progress: Progress): number {
  const total = progress.steps.reduce((sum, { bytesTotal }) => sum + bytesTotal, 0);
  const done = progress.steps.reduce((sum, { bytesDone }) => sum + bytesDone, 0);
  return total > 0 ? done / total : 0;
}

/** The running restore. It goes on without this screen. */
export function ProgressScreen({ state, progress }: { state: EngineState; progress: Progress }) {
  const { size, glyphs } = useScreen();
  const done = progress.steps.filter(({ status }) => status === 'done').length;
  const left = progress.secondsLeft === null ? '' : ` ${glyphs.dot} ${formatDuration(progress.secondsLeft)} left`;
  const current = progress.steps[progress.current];
  const next = progress.steps.slice(progress.current + 1, progress.current + 4).map(({ title }) => title);
  const logRows = Math.max(1, size.rows - chartRows - 12);
  return (
    <Frame
      title={`Restoring ${state.set?.machine.hostname ?? ''}`}
      aside={`${done} of ${progress.steps.length} ${glyphs.dot} ${Math.floor(shareOf(progress) * 100)}%${left}`}
      keys="! shell   the restore goes on without a screen"
    >
      {progress.current < 0 ? <Verification verification={state.verification} /> : <Text> MB/s</Text>}
      <Box>
        <Box flexDirection="column" width={chartColumns + 3} paddingLeft={2}>
          <Text>{renderThroughput(progress.history, chartColumns, chartRows, glyphs).join('\n')}</Text>
        </Box>
        <FileSystems progress={progress} />
      </Box>
      <Text wrap="truncate"> speed {formatBytes(progress.bytesPerSecond)}/s</Text>
      <Text wrap="truncate"> now {current?.title ?? 'checking the whole medium before anything is written'}</Text>
      <Text wrap="truncate"> {progress.currentFile}</Text>
      <Text wrap="truncate"> next {next.join(` ${glyphs.dot} `)}</Text>
      <Text> </Text>
      <Text>
        {state.log
          .slice(-logRows)
          .map((line) => `   ${line}`.slice(0, size.columns - 1))
          .join('\n')}
      </Text>
    </Frame>
  );
}

function FileSystems({ progress }: { progress: Progress }) {
  const extractions = progress.steps.filter(({ bytesTotal }) => bytesTotal > 0).slice(0, chartRows - 1);
  return (
    <Box flexDirection="column">
      {extractions.map((step) => (
        <Text key={step.id} wrap="truncate">
          {(/extract (\S+):/.exec(step.title)?.[1] ?? step.target).padEnd(10).slice(0, 10)}{' '}
          <Bar share={step.bytesDone / step.bytesTotal} width={14} /> {describe(step)}
        </Text>
      ))}
    </Box>
  );
}

function describe(step: Progress['steps'][number]): string {
  if (step.status === 'done') return 'done';
  if (step.status === 'failed') return 'failed';
  if (step.status === 'waiting') return '';
  return `${Math.floor((step.bytesDone / step.bytesTotal) * 100)}% ${formatCount(step.filesDone)} files`;
}
