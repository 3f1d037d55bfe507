import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { useScreen } from '../context.ts';

interface FrameProps {
  title: string;
  /** At the right of the top line: step, machine's address. */
  aside?: string;
  /** Which keys work here. */
  keys: string;
  children: ReactNode;
}

/** One screen: where am I on top, which keys at the bottom, never more rows than the terminal has. */
export function Frame({ title, aside = '', keys, children }: FrameProps) {
  const { size, glyphs, consoleName } = useScreen();
  const rule = glyphs.rule.repeat(size.columns);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows - 1}>
      <Box justifyContent="space-between" paddingX={1}>
        <Text bold wrap="truncate">
          {title}
        </Text>
        <Text>{aside}</Text>
      </Box>
      <Text>{rule}</Text>
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        {children}
      </Box>
      <Text>{rule}</Text>
      <Box justifyContent="space-between" paddingX={1}>
        <Text wrap="truncate">{keys}</Text>
        <Text dimColor>{consoleName}</Text>
      </Box>
    </Box>
  );
}
