import { Box, Text } from 'ink';
import type { Report } from '../../restore/execute/protocol.ts';
import { useScreen } from '../context.ts';
import { printable } from '../glyphs.ts';

/** What went wrong, why, what to do next; the code last, for the search engine. Long texts go on in the next line. */
export function Refusal({ report }: { report: Report }) {
  const { glyphs } = useScreen();
  const clean = (text: string): string => printable(text.trim().replaceAll(/\s+/g, ' '), glyphs);
  return (
    <Box flexDirection="column" paddingLeft={3} flexShrink={0}>
      <Text color="red" bold>
        {clean(report.message)}
      </Text>
      <Text>{`Why: ${clean(report.cause)}`}</Text>
      <Text>{`Next: ${clean(report.hint)} [${report.code}]`}</Text>
    </Box>
  );
}
