import { Box, Text } from 'ink';
import { visible } from '../../common/visible.ts';
import type { Report } from '../../restore/execute/protocol.ts';
import { useConnected, useEngineState, useScreen } from '../context.ts';
import { printable } from '../glyphs.ts';

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

/** Rows that it takes on a screen of so many columns, one too many where words break badly. */
export function refusalRows({ message, cause, hint, code }: Report, written: string, columns: number): number {
  const texts = [message, `Why: ${cause}`, ...(written === '' ? [] : [written]), `Next: ${hint} [${code}]`];
  const lines = texts.map((text) => visible(onOneLine(text)));
  // A line that is broken between words is filled to nine tenths or so.
  const width = (columns - indent) * 0.9;
  return lines.reduce((sum, { length }) => sum + (length <= columns - indent ? 1 : Math.ceil(length / width)), 0);
}

/** What went wrong, why, what was written by then, what to do next; the code last, for the search engine. Long texts go on in the next line. */
export function Refusal({ report }: { report: Report }) {
  const { glyphs } = useScreen();
  const written = useWritten();
  const clean = (text: string): string => printable(onOneLine(text), glyphs);
  return (
    <Box flexDirection="column" paddingLeft={indent} flexShrink={0}>
      <Text color="red" bold>
        {clean(report.message)}
      </Text>
      <Text>{`Why: ${clean(report.cause)}`}</Text>
      {written !== '' && <Text>{clean(written)}</Text>}
      <Text>{`Next: ${clean(report.hint)} [${report.code}]`}</Text>
    </Box>
  );
}
