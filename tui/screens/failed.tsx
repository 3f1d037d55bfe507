import { useEffect, useState } from 'react';
import type { CommandBody, EngineState, Report } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, useRoom } from '../components/line.tsx';
import { Refusal, refusalRows, useWritten } from '../components/refusal.tsx';
import { typeable, useKeys, useScreen } from '../context.ts';
import { planAgain } from './plan-again.ts';
import { secretToGoOn } from './secret.tsx';
import { nameToVouchFor, unprovenLines } from './unproven.ts';

/** Frame and blank lines. */
const rowsAround = 7;

/**
 * After a restore that stopped: what, why, and what to do. Going on asks for y, or for the disk's name where nothing proves what
 * a disk says; leaving a step out for its words.
 * @param isGoingOn that was chosen, and what it needs to know was given
 */
export function FailedScreen({ state, isGoingOn = false }: { state: EngineState; isGoingOn?: boolean }) {
  const { client, go, glyphs, size, setTyping } = useScreen();
  const room = useRoom();
  const [asked, setAsked] = useState<'continue' | 'skip' | null>(isGoingOn ? 'continue' : null);
  const [typed, setTyped] = useState('');
  const [refusal, setRefusal] = useState<Report | null>(null);
  const { plan, continueAt, skippable } = state;
  const name = nameToVouchFor(state);
  const words = asked === 'skip' ? skippable?.words : asked === 'continue' ? name : undefined;
  const isTyped = words !== undefined;
  const written = useWritten();
  useEffect(() => {
    setTyping(isTyped);
    return () => setTyping(false);
  }, [isTyped, setTyping]);
  const ask = (command: CommandBody, then: () => void = () => undefined): void => {
    setAsked(null);
    setTyped('');
    setRefusal(null);
    client.ask(command).then(then, (error: unknown) => setRefusal(refusalOf(error)));
  };
  const leave = (): void => {
    setAsked(null);
    if (isGoingOn) go({ name: 'menu' });
  };
  /** The same targets and sizes; the plan is shown, and asks for the disk's name. */
  const beginAgain = (): void => {
    if (plan === null || refusal !== null) {
      go(plan?.part === undefined ? { name: 'disks', readOnly: false } : { name: 'part' });
      return;
    }
    ask(planAgain(plan, plan.asked ?? {}), () => go({ name: 'plan', readOnly: false }));
  };
  const enter = (): void => {
    if (asked === 'continue') ask({ command: 'continue', confirm: typed }, leave);
    else ask({ command: 'skip-step', step: skippable?.step ?? '', confirm: typed });
  };
  useKeys((input, key) => {
    if (isTyped) {
      if (key.escape) setAsked(null);
      else if (key.return && typed !== '') enter();
      else if (key.backspace || key.delete) setTyped(typed.slice(0, -1));
      else if (!key.meta) setTyped(typed + typeable(input));
    } else if (asked !== null) {
      if (input === 'y') ask({ command: 'continue' }, leave);
      else leave();
    } else if (input === 'c' && continueAt !== null) {
      if (state.unproven?.locked) go({ name: 'unlock' });
      else if (secretToGoOn(state) === null) setAsked('continue');
      else go({ name: 'continue' });
    } else if (input.toLowerCase() === 's' && skippable !== null) setAsked('skip');
    else if (input === 'r') beginAgain();
    else if (input === 'l') go({ name: 'logs' });
    else if (key.escape || input === 'm') go({ name: 'after-failure' });
  });
  const said = linesOf({ state, asked, words, typed, bad: glyphs.bad });
  const report = refusal ?? state.failure;
  const taken = countRows([...said.failed, ...said.next], room) + (report ? refusalRows(report, written, room) : 0);
  const logRows = size.rows - rowsAround - taken;
  const choices = `${continueAt === null ? '' : 'c continue   '}${skippable === null ? '' : 'S skip   '}`;
  return (
    <Frame
      title="The restore stopped."
      pinned={said.next}
      keys={
        isTyped
          ? `Enter ${asked === 'skip' ? 'leave it out' : 'go on'}   Esc back`
          : `${choices}r from the beginning   l log   m menu   ! shell`
      }
    >
      <Line />
      <Lines lines={said.failed} />
      {report && <Refusal report={report} />}
      {logRows > 0 && <Line />}
      <Lines
        lines={logRows > 0 ? state.log.slice(-logRows).map((text) => ({ text, indent: 3, isOneRow: true })) : []}
      />
    </Frame>
  );
}

interface Said {
  state: EngineState;
  asked: 'continue' | 'skip' | null;
  /** What must be typed. */
  words: string | undefined;
  typed: string;
  /** The glyph of what failed. */
  bad: string;
}

/** What stands above the report, and below it: what can be done, and the question. */
function linesOf({ state, asked, words, typed, bad }: Said): { failed: LineProps[]; next: LineProps[] } {
  const { plan, continueAt, skippable, progress } = state;
  const failed = progress?.steps.find(({ status }) => status === 'failed');
  const next: LineProps[] = unprovenLines(state).map((text) => ({ text, color: 'yellow' }));
  if (continueAt !== null && asked === null)
    next.push({ text: `When the cause is gone, c goes on with: ${continueAt}` });
  if (continueAt === null && plan !== null)
    next.push({ text: 'It cannot go on in the middle. r plans the same again, from the beginning.' });
  if (asked === 'continue' && words === undefined)
    next.push({ bold: true, color: 'yellow', text: `Go on with: ${continueAt}? y or any other key` });
  if (asked !== 'continue' && skippable !== null)
    next.push({ color: 'yellow', text: `S skip: ${skippable.consequence}` });
  if (words !== undefined) next.push({ bold: true, text: `Type "${words}" and Enter to go on: ${typed}_` });
  return {
    failed: failed ? [{ indent: 3, color: 'red', text: `${bad} failed at: ${failed.title} (${failed.target})` }] : [],
    next: next.map((line) => ({ ...line, indent: 3 })),
  };
}
