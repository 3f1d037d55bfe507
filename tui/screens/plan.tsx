import { useState } from 'react';
import { consentFor, type Report } from '../../restore/execute/protocol.ts';
import { nameToType, type Plan } from '../../restore/plan/step.ts';
import { refusalOf } from '../client.ts';
import { bodyRows, Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, splitRows, useRoom } from '../components/line.tsx';
import { Refusal, refusalRows, useWritten } from '../components/refusal.tsx';
import { typeable, useEngineState, useKeys, useScreen } from '../context.ts';
import { planAgain } from './plan-again.ts';
import { linesOf } from './plan-lines.ts';
import { stepWords } from './steps.ts';

/** The disk's name alone only when all is as it should be. */
function whatToType(plan: Plan, words: string): string {
  const name = nameToType(plan);
  const what = plan.part?.kind === 'file-system' ? 'device' : 'disk';
  return words === name ? `the ${what}'s name (${name})` : `"${words}"`;
}

/** What Tab would do with a larger disk. */
function roomKey(plan: Plan | null): string {
  if (!plan?.room) return '';
  return plan.room === 'kept' ? 'Tab use the whole disk   ' : 'Tab keep the old sizes   ';
}

function canAdjust(plan: Plan | null): boolean {
  return (plan?.adjustable ?? []).length > 0;
}

/** What fits on a line of 80 columns, the keys that change something first. */
function keysOf(plan: Plan | null, readOnly: boolean, upDown: string): string {
  const room = readOnly ? '' : roomKey(plan);
  const sizes = readOnly || !canAdjust(plan) ? '' : '= sizes   ';
  const back = room === '' ? 'Esc back, without writing' : 'Esc back';
  return `${room}${sizes}${upDown} scroll   ${back}   ! shell`;
}

/** The whole plan; its target's name, typed, starts it. */
export function PlanScreen({ readOnly, step }: { readOnly: boolean; step?: number | undefined }) {
  const { client, go, size, glyphs } = useScreen();
  const room = useRoom();
  const written = useWritten();
  const state = useEngineState();
  const [typed, setTyped] = useState('');
  const [wanted, setFrom] = useState(0);
  const [refusal, setRefusal] = useState<Report | null>(null);
  const plan = state?.plan ?? null;
  const name = plan ? nameToType(plan) : '';
  const question: LineProps = {
    bold: true,
    indent: 3,
    text: `Type ${plan ? whatToType(plan, state ? consentFor(name, state) : name) : ''} and Enter to start: ${typed}_`,
  };
  const asking = readOnly || plan === null ? [] : [{}, question];
  const keys = keysOf(plan, readOnly, glyphs.upDown);
  const taken = 1 + countRows(asking, room) + (refusal ? refusalRows(refusal, written, room) : 0);
  const page = Math.max(3, bodyRows(size.rows, keys, room) - taken);
  const all = plan ? linesOf(plan, state, { width: size.columns - 4, glyphs }) : [];
  const lines = splitRows(
    all.map((line) => ({ ...line, indent: 3 })),
    room,
  );
  const most = Math.max(0, lines.length - page);
  const from = Math.min(wanted, most);
  const start = (): void => {
    if (!plan) return;
    client.ask({ command: 'start', digest: plan.digest, confirm: typed }).then(
      () => go({ name: 'menu' }),
      (error: unknown) => {
        setRefusal(refusalOf(error));
        setTyped('');
      },
    );
  };
  const toggleRoom = (): void => {
    if (!plan?.room) return;
    const sizes = { ...plan.asked, larger: plan.room === 'kept' ? ('fill' as const) : ('keep' as const) };
    client.ask(planAgain(plan, sizes)).catch((error: unknown) => setRefusal(refusalOf(error)));
    setTyped('');
  };
  useKeys((input, key) => {
    if (key.tab && !readOnly) toggleRoom();
    else if (input === '=' && !readOnly && canAdjust(plan)) go({ name: 'sizes', step });
    else if (key.escape) go({ name: 'menu' });
    else if (key.upArrow) setFrom(Math.max(0, from - 1));
    else if (key.downArrow) setFrom(Math.min(most, from + 1));
    else if (key.pageUp) setFrom(Math.max(0, from - page));
    else if (key.pageDown) setFrom(Math.min(most, from + page));
    else if (!readOnly && key.return) {
      if (typed !== '') start();
    } else if (!readOnly && (key.backspace || key.delete)) setTyped(typed.slice(0, -1));
    // A slow line may bring several keys at once, Enter among them: the letters count, Enter must come alone.
    else if (!readOnly && !key.meta) setTyped(typed + typeable(input));
  });
  const scroll =
    lines.length > page ? `lines ${from + 1}-${Math.min(lines.length, from + page)} of ${lines.length}` : '';
  return (
    <Frame
      title={readOnly ? 'The plan' : `Restore ${glyphs.dot} the plan`}
      aside={[scroll, stepWords(step, step)].filter((word) => word !== '').join('   ')}
      pinned={asking}
      keys={keys}
    >
      <Line />
      <Lines lines={lines.slice(from, from + page)} />
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}
