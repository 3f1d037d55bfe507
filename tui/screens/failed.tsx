import { useEffect, useState } from 'react';
import type { CommandBody, EngineState, Report } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { Refusal, refusalRows, useWritten } from '../components/refusal.tsx';
import { typeable, useKeys, useScreen } from '../context.ts';
import { planAgain } from './plan-again.ts';
import { wrapLines } from './plan-lines.ts';
import { secretToGoOn } from './secret.tsx';
import { nameToVouchFor, unprovenLines } from './unproven.ts';

/** Rows that are neither the log's nor the report's: frame, what failed, what can be done, blank lines. */
const otherRows = 10;

/**
 * After a restore that stopped: what, why, and what to do. Going on asks for y, or for the disk's name where nothing proves what
 * a disk says; leaving a step out for its words.
 * @param isGoingOn that was chosen, and what it needs to know was given
 */
export function FailedScreen({ state, isGoingOn = false }: { state: EngineState; isGoingOn?: boolean }) {
  const { client, go, glyphs, size, setTyping } = useScreen();
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
  const report = refusal ?? state.failure;
  const failed = state.progress?.steps.find(({ status }) => status === 'failed');
  const cost = skippable === null ? [] : wrapLines([{ text: `S skip: ${skippable.consequence}` }], size.columns - 8);
  const doubts = unprovenLines(state);
  const logRows =
    size.rows - otherRows - cost.length - doubts.length - (report ? refusalRows(report, written, size.columns) : 0);
  const choices = `${continueAt === null ? '' : 'c continue   '}${skippable === null ? '' : 'S skip   '}`;
  return (
    <Frame
      title="The restore stopped."
      keys={
        isTyped
          ? `Enter ${asked === 'skip' ? 'leave it out' : 'go on'}   Esc back`
          : `${choices}r from the beginning   l log   m menu   ! shell`
      }
    >
      <Line />
      {failed && <Line indent={3} color="red" text={`${glyphs.bad} failed at: ${failed.title} (${failed.target})`} />}
      {report && <Refusal report={report} />}
      <Lines indent={3} lines={doubts.map((text) => ({ text, color: 'yellow' }))} />
      {continueAt !== null && asked === null && (
        <Line indent={3} text={`When the cause is gone, c goes on with: ${continueAt}`} />
      )}
      {continueAt === null && plan !== null && (
        <Line indent={3} text="It cannot go on in the middle. r plans the same again, from the beginning." />
      )}
      {asked === 'continue' && !isTyped && (
        <Line bold color="yellow" indent={3} text={`Go on with: ${continueAt}? y or any other key`} />
      )}
      {asked !== 'continue' && <Lines indent={3} lines={cost.map(({ text }) => ({ text, color: 'yellow' }))} />}
      {isTyped && <Line bold indent={3} text={`Type "${words}" and Enter to go on: ${typed}_`} />}
      <Line />
      <Lines indent={3} lines={logRows > 0 ? state.log.slice(-logRows) : []} />
    </Frame>
  );
}
