import { useState } from 'react';
import { type EngineState, withoutFiles } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { useKeys, useScreen } from '../context.ts';
import { wrapLines } from './plan-lines.ts';
import { proofAside, proofFailure, proofLines } from './proof-lines.ts';

/** Rows that are neither finding nor warning: frame 4, blank lines, the heading, what to do. */
const otherRows = 11;

function titleOf(failure: string | null, { lost, skipped }: EngineState): string {
  const files = lost === null ? 'Restored' : `Restored ${withoutFiles(lost.files)}`;
  const steps = skipped.length === 1 ? 'one step' : `${skipped.length} steps`;
  const what = skipped.length === 0 ? files : `${files}, without ${steps} of the plan`;
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
  const skipped = wrapLines(
    state.skipped.map(({ title, consequence }) => ({ text: `! Left out: ${title}. ${consequence}` })),
    size.columns - 6,
  );
  const others = warnings.length + skipped.length + (lost === null ? 0 : missing.length + 2);
  const page = Math.max(3, size.rows - otherRows - others);
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
      title={titleOf(failure, state)}
      aside={proofAside(proof)}
      keys={`Enter ${failure === null ? 'reboot (asks once more)' : 'reboot anyway'}   ${lost === null ? '' : 'f missing files   '}l log   ! shell${scroll}`}
    >
      <Line />
      {failure !== null && <Line bold indent={3} color="red" text={failure} />}
      <Lines indent={3} lines={lines.slice(from, from + page)} />
      <Line />
      <Lines indent={3} lines={skipped.map(({ text }) => ({ text, color: 'yellow' }))} />
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
