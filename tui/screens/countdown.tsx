import type { EngineState } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, splitRows, useRoom } from '../components/line.tsx';
import { useWritten } from '../components/refusal.tsx';
import { useKeys, useScreen } from '../context.ts';
import { linesOf } from './plan-lines.ts';

/** Frame. */
const rowsAround = 5;

const showPlan = 'Show the plan';

/** An unattended restore is about to start, or to go on after a power cut: any key stops it. */
export function CountdownScreen({ state }: { state: EngineState }) {
  const { client, size, glyphs } = useScreen();
  useKeys(() => {
    client.ask({ command: 'stop-countdown' }).catch(() => undefined); // the next key tries again
  });
  const room = useRoom();
  const written = useWritten();
  const what = state.continueAt === null ? 'It starts' : 'The restore that was interrupted goes on';
  const head: LineProps[] = [
    {},
    { bold: true, color: 'yellow', indent: 3, text: `${what} in ${state.countdown} s. Press any key to stop it.` },
    ...(written === '' ? [] : [{ indent: 3, text: written }]),
    {},
  ];
  const plan = state.plan ? linesOf(state.plan, state, { width: size.columns - 4, glyphs }) : [];
  const rows = splitRows(
    plan.map((line) => ({ ...line, indent: 3 })),
    room,
  );
  const page = Math.max(1, size.rows - rowsAround - countRows(head, room));
  // No key could scroll here: each one stops it.
  const shown = rows.length <= page ? rows : rows.slice(0, page - 1);
  const left = rows.length - shown.length;
  return (
    <Frame
      title={[`Restoring ${state.set?.machine.hostname ?? ''} without questions`, 'Restoring without questions']}
      keys="any key stops it"
    >
      <Lines lines={head} />
      <Lines lines={shown} />
      {left > 0 && (
        <Line bold color="yellow" indent={3} text={`${left} more rows: stop it, then choose "${showPlan}"`} />
      )}
    </Frame>
  );
}
