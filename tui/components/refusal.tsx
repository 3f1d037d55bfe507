import { Box, Text } from 'ink';
import type { Report } from '../../restore/execute/protocol.ts';

/** What went wrong, why, what to do next; the code last, for the search engine. */
export function Refusal({ report }: { report: Report }) {
  return (
    <Box flexDirection="column" paddingLeft={3}>
      <Text color="red" bold>
        {report.message}
      </Text>
      <Text>Why: {report.cause.trim()}</Text>
      <Text>
        Next: {report.hint} [{report.code}]
      </Text>
    </Box>
  );
}
