import type { Report } from '../../restore/execute/protocol.ts';
import { useConnected, useEngineState } from '../context.ts';
import { countRows, type LineProps, Lines, type Room } from './line.tsx';

const indent = 3;

function onOneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** What was written to disks by now, for a line of its own; empty before the engine said it. */
export function useWritten(): string {
  const state = useEngineState();
  const connected = useConnected();
  if (state === null || state.written === '') return '';
  return `Disks: ${connected ? state.written : 'What was written is not known: the engine does not answer.'}`;
}

function refusalLines({ message, cause, hint, code }: Report, written: string): LineProps[] {
  return [
    { text: onOneLine(message), color: 'red' as const, bold: true },
    { text: `Why: ${onOneLine(cause)}` },
    ...(written === '' ? [] : [{ text: onOneLine(written) }]),
    { text: `Next: ${onOneLine(hint)} [${code}]` },
  ].map((line) => ({ ...line, indent, hanging: 5 }));
}

/** Rows that it takes on this screen. */
export function refusalRows(report: Report, written: string, room: Room): number {
  return countRows(refusalLines(report, written), room);
}

/** What went wrong, why, what was written by then, what to do next; the code last, for the search engine. Long texts go on in the next line. */
export function Refusal({ report }: { report: Report }) {
  const written = useWritten();
  return <Lines lines={refusalLines(report, written)} />;
}
