import { useState } from 'react';
import { type EngineState, type Report, withoutFiles } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useKeys, useScreen } from '../context.ts';
import { wrapLines } from './plan-lines.ts';
import { proofAside, proofFailure, proofLines } from './proof-lines.ts';

/** Rows that are neither finding nor warning: frame 4, blank lines, the heading, what to do. */
const otherRows = 11;

function titleOf(failure: string | null, lost: EngineState['lost']): string {
  const what = lost === null ? 'Restored' : `Restored ${withoutFiles(lost.files)}`;
  return failure === null ? `${what}. Will it boot?` : `${what}, but it was not proven that it boots.`;
}

/**
 * After a restore whose steps all ended well: will it boot? What failed says so before anything else; what was left out with
 * consent stands there, in yellow.
 */
export function RestoredScreen({ state }: { state: EngineState }) {
  const { go, glyphs, size } = useScreen();
  const [from, setFrom] = useState(0);
  const { proof, lost } = state;
  const missing = lost?.first.slice(0, 3) ?? [];
  const failure = proofFailure(proof);
  const warnings = state.warnings.slice(0, failure === null ? 4 : 1);
  const page = Math.max(3, size.rows - otherRows - warnings.length - (lost === null ? 0 : missing.length + 2));
  const lines = wrapLines(proofLines(proof, glyphs), size.columns - 4);
  const most = Math.max(0, lines.length - page);
  useKeys((input, key) => {
    if (key.return) go({ name: 'power', action: 'reboot' });
    else if (input === 'l') go({ name: 'logs' });
    else if (input === 'f' && lost !== null) go({ name: 'losses' });
    else if (key.upArrow) setFrom(Math.max(0, from - 1));
    else if (key.downArrow) setFrom(Math.min(most, from + 1));
  });
  const scroll = most > 0 ? `   ${glyphs.upDown} ${lines.length - page} more lines` : '';
  return (
    <Frame
      title={titleOf(failure, lost)}
      aside={proofAside(proof)}
      keys={`Enter ${failure === null ? 'reboot (asks once more)' : 'reboot anyway'}   ${lost === null ? '' : 'f missing files   '}l log   ! shell${scroll}`}
    >
      <Line />
      {failure !== null && <Line bold indent={3} color="red" text={failure} />}
      <Lines indent={3} lines={lines.slice(from, from + page)} />
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
      {failure === null ? (
        <Line text="Take the medium out, then reboot." />
      ) : (
        <Line text="Open a shell (!): the system is mounted on /mnt/target. Or reboot anyway." />
      )}
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
