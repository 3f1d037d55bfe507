import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { useScreen } from '../context.ts';
import { type Glyphs, printable } from '../glyphs.ts';
import { chooseWording, type Wording } from '../wording.ts';
import { Line } from './line.tsx';

interface FrameProps {
  title: Wording;
  /** At the right of the top line: step, share done. */
  aside?: string;
  /** Which keys work here. */
  keys: Wording;
  children: ReactNode;
}

/** Two texts at both ends of one line of `columns`; of the left one what fits. */
function spread(left: Wording, right: string, columns: number, glyphs: Glyphs): [string, string] {
  const wordings = (typeof left === 'string' ? [left] : left).map((each) => printable(each, glyphs));
  const shown = chooseWording(wordings, Math.max(0, columns - right.length - (right === '' ? 1 : 3)));
  return [` ${shown}${' '.repeat(Math.max(0, columns - shown.length - right.length - 2))}`, right];
}

/** One screen: where am I on top, which keys at the bottom, never more rows than the terminal has. */
export function Frame({ title, aside = '', keys, children }: FrameProps) {
  const { size, glyphs, consoleName } = useScreen();
  const rule = glyphs.rule.repeat(size.columns);
  const [heading, step] = spread(title, printable(aside, glyphs), size.columns, glyphs);
  const [help, place] = spread(keys, consoleName, size.columns, glyphs);
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
