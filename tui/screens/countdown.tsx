import type { EngineState } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { useWritten } from '../components/refusal.tsx';
import { useKeys, useScreen } from '../context.ts';
import { linesOf, wrapLines } from './plan-lines.ts';

/** An unattended restore is about to start, or to go on after a power cut: any key stops it. */
export function CountdownScreen({ state }: { state: EngineState }) {
  const { client, size, glyphs } = useScreen();
  useKeys(() => {
    client.ask({ command: 'stop-countdown' }).catch(() => undefined); // the next key tries again
  });
  const words = useWritten();
  const written = words === '' ? [] : wrapLines([{ text: words }], size.columns - 6);
  const lines = state.plan
    ? linesOf(state.plan, state, { width: size.columns - 4, glyphs }).slice(0, size.rows - 9 - written.length)
    : [];
  const what = state.continueAt === null ? 'It starts' : 'The restore that was interrupted goes on';
  return (
    <Frame title={`Restoring ${state.set?.machine.hostname ?? ''} without questions`} keys="any key stops it">
      <Line />
      <Line bold color="yellow" indent={3} text={`${what} in ${state.countdown} s. Press any key to stop it.`} />
      <Lines indent={3} lines={written} />
      <Line />
      <Lines indent={3} lines={lines} />
    </Frame>
  );
}
