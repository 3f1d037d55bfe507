import { useState } from 'react';
import { type EngineState, type Report, withoutFiles } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useKeys, useScreen } from '../context.ts';

/** Steps that a person wants to see done; mounting and flushing are in the log. */
const worthShowing = /^(table|make|extract|boot|flags|log)/;

/** After a restore that ended well: every step did. What was left out with consent stands there, in yellow. */
export function RestoredScreen({ state }: { state: EngineState }) {
  const { go, glyphs, size } = useScreen();
  const { lost } = state;
  useKeys((input, key) => {
    if (key.return) go({ name: 'power', action: 'reboot' });
    else if (input === 'l') go({ name: 'logs' });
    else if (input === 'f' && lost !== null) go({ name: 'losses' });
  });
  const steps = state.progress?.steps ?? [];
  const warnings = state.warnings.slice(0, 4);
  const missing = lost?.first.slice(0, 3) ?? [];
  const shown = steps
    .filter(({ id }) => worthShowing.test(id))
    .slice(0, size.rows - 10 - warnings.length - (lost === null ? 0 : missing.length + 2));
  return (
    <Frame
      title={lost === null ? 'Restored.' : `Restored ${withoutFiles(lost.files)}.`}
      aside={`${steps.length} of ${steps.length} steps done`}
      keys={`Enter reboot (asks once more)   ${lost === null ? '' : 'f missing files   '}l log   ! shell`}
    >
      <Line />
      {shown.map((step) => (
        <Line key={step.id} indent={3} color="green" text={`${glyphs.good} ${step.title} (${step.target})`} />
      ))}
      <Line />
      {lost !== null && (
        <Line bold indent={3} color="yellow" text={`! Not everything is back. Missing (${lost.files}):`} />
      )}
      {lost !== null && <Lines indent={5} lines={missing.map((text) => ({ text, color: 'yellow' }))} />}
      {lost !== null && (
        <Line indent={5} color="yellow" text="All of them: /var/log/rekindle/lost-files.txt on the machine." />
      )}
      {warnings.map((warning) => (
        <Line key={warning} indent={3} color="yellow" text={`! ${warning}`} />
      ))}
      <Line text="Take the medium out, then reboot." />
      <Line text="The log is in /var/log/rekindle on the machine." />
    </Frame>
  );
}

/** After a restore that stopped: what, why, and what to do. */
export function FailedScreen({ state }: { state: EngineState }) {
  const { client, go, glyphs, size } = useScreen();
  const [asked, setAsked] = useState(false);
  const [refusal, setRefusal] = useState<Report | null>(null);
  useKeys((input, key) => {
    if (asked && input === 'y')
      client.ask({ command: 'continue' }).catch((error: unknown) => setRefusal(refusalOf(error)));
    else if (asked) setAsked(false);
    else if (input === 'c' && state.continueAt !== null) setAsked(true);
    else if (input === 'r') go({ name: 'disks', readOnly: false });
    else if (input === 'l') go({ name: 'logs' });
    else if (key.escape || input === 'm') go({ name: 'after-failure' });
  });
  const report = refusal ?? state.failure;
  const failed = state.progress?.steps.find(({ status }) => status === 'failed');
  return (
    <Frame
      title="The restore stopped."
      keys={`${state.continueAt === null ? '' : 'c continue   '}r from the beginning   l log   m menu   ! shell`}
    >
      <Line />
      {failed && <Line indent={3} color="red" text={`${glyphs.bad} failed at: ${failed.title} (${failed.target})`} />}
      {report && <Refusal report={report} />}
      {state.continueAt !== null && !asked && (
        <Line indent={3} text={`When the cause is gone, c goes on with: ${state.continueAt}`} />
      )}
      {asked && <Line bold color="yellow" indent={3} text={`Go on with: ${state.continueAt}? y or any other key`} />}
      <Line />
      <Lines indent={3} lines={state.log.slice(-Math.max(1, size.rows - 15))} />
    </Frame>
  );
}
