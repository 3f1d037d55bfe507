import { useState } from 'react';
import { type EngineState, withoutFiles } from '../../restore/execute/protocol.ts';
import { bodyRows, Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, splitRows, useRoom } from '../components/line.tsx';
import { useKeys, useScreen } from '../context.ts';
import type { Glyphs } from '../glyphs.ts';
import { proofAside, proofFailure, proofLines } from './proof-lines.ts';

const blankRows = 2;

/** What is there after a part of a restore. */
const partTitles = {
  layout: 'partitions and empty file systems.',
  files: 'the files.',
  'file-system': 'one file system.',
} as const;

const missingShown = 3;

/** The whole of it, then what is left of it where the line is short: what is missing is never what goes. */
function titlesOf(failure: string | null, { lost, skipped, plan }: EngineState): string[] {
  const files = lost === null ? 'Restored' : `Restored ${withoutFiles(lost.files)}`;
  const steps = skipped.length === 1 ? 'one step' : `${skipped.length} steps`;
  const what = skipped.length === 0 ? files : `${files}, without ${steps} of the plan`;
  const part = plan?.part?.kind;
  if (part !== undefined && part !== 'boot-loader') return [`${what}: ${partTitles[part]}`, `${what}.`];
  return failure === null
    ? [`${what}. Will it boot?`, `${what}.`]
    : [`${what}, but it was not proven that it boots.`, `${what}. Not proven to boot.`, `${what}.`];
}

/** What a person must know and do something about, before all that is good: failures, what is not back, notes. */
function linesOf(state: EngineState, glyphs: Glyphs): LineProps[] {
  const { proof, lost, skipped, warnings } = state;
  const { failed, unknown, good } = proofLines(proof, glyphs);
  const failure = proofFailure(proof);
  const yellow = (texts: readonly string[]): LineProps[] => texts.map((text) => ({ text, color: 'yellow' }));
  const more = (lost?.files ?? 0) - missingShown;
  const missing =
    lost === null
      ? []
      : [
          { text: `! Not everything is back. Missing (${lost.files}):`, color: 'yellow' as const, bold: true },
          ...yellow(lost.first.slice(0, missingShown).map((text) => `  ${text}`)),
          ...yellow(more > 0 ? [`  and ${more} more (f)`] : []),
          ...yellow(['  All of them: /var/log/rekindle/lost-files.txt on the machine.']),
        ];
  return [
    ...(failure === null ? [] : [{ text: failure, color: 'red' as const, bold: true }]),
    ...failed,
    ...yellow(skipped.map(({ title, consequence }) => `! Left out: ${title}. ${consequence}`)),
    ...missing,
    ...unknown,
    ...yellow(warnings.map((text) => `! ${text}`)),
    ...good,
  ];
}

/** What to do now. */
function nextLines(state: EngineState, failure: string | null): LineProps[] {
  const isPart = state.plan?.part !== undefined;
  const hasLog = !isPart || state.plan?.part?.kind === 'boot-loader';
  const log = hasLog ? [{ text: 'The log is in /var/log/rekindle on the machine.' }] : [];
  if (failure !== null) {
    const shell =
      state.mounted === false
        ? 'It could not be mounted; the log (l) says why. Use a shell (!), or reboot.'
        : 'Open a shell (!): the system is mounted on /mnt/target. Or reboot anyway.';
    return [{ text: shell }, ...log];
  }
  if (isPart) return [{ text: 'Every step ended well. Enter goes to the menu: another part, or reboot.' }, ...log];
  return [{ text: 'Take the medium out, then reboot.' }, ...log];
}

/**
 * After a restore whose steps all ended well: will it boot? What failed says so before anything else; what was left out with
 * consent and what else is not as it was stands below that, in yellow.
 */
export function RestoredScreen({ state }: { state: EngineState }) {
  const { go, glyphs, size } = useScreen();
  const room = useRoom();
  const [wanted, setFrom] = useState(0);
  const { proof, lost } = state;
  const failure = proofFailure(proof);
  const isPart = state.plan?.part !== undefined;
  const next = nextLines(state, failure);
  const lines = splitRows(
    linesOf(state, glyphs).map((line) => ({ ...line, indent: 3 })),
    room,
  );
  const enter = `Enter ${isPart ? 'menu' : failure === null ? 'reboot (asks once more)' : 'reboot anyway'}`;
  const keys = [enter, ...(lost === null ? [] : ['f missing files']), 'l log', '! shell'];
  const scroll = (left: number): string =>
    `${glyphs.upDown} ${left > 0 ? `${left} more ${left === 1 ? 'line' : 'lines'}` : 'scroll'}`;
  const rows = bodyRows(size.rows, [...keys, scroll(lines.length)].join('   '), room);
  const page = Math.max(3, rows - blankRows - countRows(next, room));
  const most = Math.max(0, lines.length - page);
  const from = Math.min(wanted, most);
  useKeys((input, key) => {
    if (key.return) go(isPart ? { name: 'after-part' } : { name: 'power', action: 'reboot' });
    else if (input === 'l') go({ name: 'logs' });
    else if (input === 'f' && lost !== null) go({ name: 'losses' });
    else if (key.upArrow) setFrom(Math.max(0, from - 1));
    else if (key.downArrow) setFrom(Math.min(most, from + 1));
    else if (key.pageUp) setFrom(Math.max(0, from - page));
    else if (key.pageDown) setFrom(Math.min(most, from + page));
  });
  if (most > 0) keys.push(scroll(most - from));
  return (
    <Frame
      title={titlesOf(failure, state)}
      aside={isPart && proof.length === 0 ? '' : proofAside(proof)}
      keys={keys.join('   ')}
    >
      <Line />
      <Lines lines={lines.slice(from, from + page)} />
      <Line />
      <Lines lines={next} />
    </Frame>
  );
}
