import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { useScreen } from '../context.ts';
import { printable } from '../glyphs.ts';
import { Line } from './line.tsx';

interface FrameProps {
  title: string;
  /** At the right of the top line: step, share done. */
  aside?: string;
  /** Which keys work here. */
  keys: string;
  children: ReactNode;
}

/** Two texts at both ends of one line of `columns`; the left one is cut when they do not fit. */
function spread(left: string, right: string, columns: number): [string, string] {
  const room = columns - right.length - 3;
  const cut = left.slice(0, Math.max(0, room));
  return [` ${cut}${' '.repeat(Math.max(1, columns - cut.length - right.length - 2))}`, right];
}

/** One screen: where am I on top, which keys at the bottom, never more rows than the terminal has. */
export function Frame({ title, aside = '', keys, children }: FrameProps) {
  const { size, glyphs, consoleName } = useScreen();
  const rule = glyphs.rule.repeat(size.columns);
  const [heading, step] = spread(printable(title, glyphs), aside, size.columns);
  const [help, place] = spread(keys, consoleName, size.columns);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows - 1}>
      <Box flexDirection="column" flexShrink={0}>
        <Text>
          <Text bold>{heading}</Text>
          {step}
        </Text>
        <Line text={rule} indent={0} />
      </Box>
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        {children}
      </Box>
      <Box flexDirection="column" flexShrink={0}>
        <Line text={rule} indent={0} />
        <Text>
          {help}
          <Text dimColor>{place}</Text>
        </Text>
      </Box>
    </Box>
  );
}
