import { useState } from 'react';
import { type EngineState, withoutFiles } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { useKeys, useScreen } from '../context.ts';
import { wrapLines } from './plan-lines.ts';
import { proofAside, proofFailure, proofLines } from './proof-lines.ts';

/** Rows that are neither finding nor warning: frame 4, blank lines, the heading, what to do. */
const otherRows = 11;

/** What is there after a part of a restore. */
const partTitles = {
  layout: 'partitions and empty file systems.',
  files: 'the files.',
  'file-system': 'one file system.',
} as const;

function titleOf(failure: string | null, { lost, skipped, plan }: EngineState): string {
  const files = lost === null ? 'Restored' : `Restored ${withoutFiles(lost.files)}`;
  const steps = skipped.length === 1 ? 'one step' : `${skipped.length} steps`;
  const what = skipped.length === 0 ? files : `${files}, without ${steps} of the plan`;
  const part = plan?.part?.kind;
  if (part !== undefined && part !== 'boot-loader') return `${what}: ${partTitles[part]}`;
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
  const isPart = state.plan?.part !== undefined;
  const said = state.warnings.slice(0, isPart ? 20 : failure === null ? 4 : 1).map((text) => ({ text: `! ${text}` }));
  const warnings = isPart ? wrapLines(said, size.columns - 6) : said;
  const skipped = wrapLines(
    state.skipped.map(({ title, consequence }) => ({ text: `! Left out: ${title}. ${consequence}` })),
    size.columns - 6,
  );
  const others = warnings.length + skipped.length + (lost === null ? 0 : missing.length + 2);
  const page = Math.max(3, size.rows - otherRows - others);
  const lines = wrapLines(proofLines(proof, glyphs), size.columns - 4);
  const most = Math.max(0, lines.length - page);
  useKeys((input, key) => {
    if (key.return) go(isPart ? { name: 'after-part' } : { name: 'power', action: 'reboot' });
    else if (input === 'l') go({ name: 'logs' });
    else if (input === 'f' && lost !== null) go({ name: 'losses' });
    else if (key.upArrow) setFrom(Math.max(0, from - 1));
    else if (key.downArrow) setFrom(Math.min(most, from + 1));
  });
  const scroll = most > 0 ? `   ${glyphs.upDown} ${lines.length - page} more lines` : '';
  return (
    <Frame
      title={titleOf(failure, state)}
      aside={isPart && proof.length === 0 ? '' : proofAside(proof)}
      keys={`Enter ${isPart ? 'menu' : failure === null ? 'reboot (asks once more)' : 'reboot anyway'}   ${lost === null ? '' : 'f missing files   '}l log   ! shell${scroll}`}
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
      <Lines indent={3} lines={warnings.map(({ text }) => ({ text, color: 'yellow' }))} />
      {isPart && failure === null ? (
        <Line text="Every step ended well. Enter goes to the menu: another part, or reboot." />
      ) : failure === null ? (
        <Line text="Take the medium out, then reboot." />
      ) : (
        <Line
          text={
            state.mounted === false
              ? 'It could not be mounted; the log (l) says why. Use a shell (!), or reboot.'
              : 'Open a shell (!): the system is mounted on /mnt/target. Or reboot anyway.'
          }
        />
      )}
      {(!isPart || state.plan?.part?.kind === 'boot-loader') && (
        <Line text="The log is in /var/log/rekindle on the machine." />
      )}
    </Frame>
  );
}
