import { Box, type DOMElement, Text, useBoxMetrics } from 'ink';
import { type ReactNode, useRef, useState } from 'react';
import { useKeys, useScreen } from '../context.ts';
import { type Glyphs, printable } from '../glyphs.ts';
import { chooseWording, type Wording, wrapParts } from '../wording.ts';
import { countRows, Line, type LineProps, Lines, type Room, useRoom } from './line.tsx';

interface FrameProps {
  /** One row: where it may not fit, in several wordings. */
  title: Wording;
  /** At the right of the top line: step, share done. */
  aside?: string;
  /** Which keys work here; three blanks between them. */
  keys: string;
  /** What stands below the rest, and stays where that is longer than the screen: choices, a question. */
  pinned?: readonly LineProps[];
  children: ReactNode;
}

/** Of what scrolls, that must be seen beside what is pinned. */
const fewestRows = 2;

/** The heading at the left end of one row, what is beside it at the right; of the heading what fits. */
function spread(left: Wording, right: string, columns: number, glyphs: Glyphs): string {
  const wordings = (typeof left === 'string' ? [left] : left).map((each) => printable(each, glyphs));
  const shown = chooseWording(wordings, Math.max(0, columns - right.length - (right === '' ? 1 : 3)));
  return ` ${shown}${' '.repeat(Math.max(0, columns - shown.length - right.length - 2))}`;
}

/** No key is lost for want of room: they take another row. */
function keyRows(keys: string, columns: number, glyphs: Glyphs): string[] {
  const parts = printable(keys, glyphs)
    .split(/ {3,}/)
    .filter((part) => part !== '');
  return wrapParts(parts, '   ', Math.max(1, columns - 1)).map((row) => ` ${row}`);
}

/** Rows between the rules, under which these keys stand: for a screen that shows a list page by page. */
export function bodyRows(rows: number, keys: string, { columns, glyphs }: Room): number {
  return Math.max(1, rows - 4 - keyRows(keys, columns, glyphs).length);
}

/** One screen: where am I on top, which keys at the bottom, never more rows than the terminal has. */
export function Frame({ title, aside = '', keys, pinned = [], children }: FrameProps) {
  const { size, glyphs, consoleName } = useScreen();
  const rule = glyphs.rule.repeat(size.columns);
  const step = printable(aside, glyphs);
  const help = keyRows(keys, size.columns, glyphs);
  const last = help.at(-1) ?? '';
  const hasPlace = last.length + consoleName.length + 2 <= size.columns;
  const place = hasPlace ? consoleName.padStart(size.columns - last.length - 1) : '';
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows - 1}>
      <Box flexDirection="column" flexShrink={0}>
        <Text>
          <Text bold>{spread(title, step, size.columns, glyphs)}</Text>
          {step}
        </Text>
        <Line text={rule} indent={0} />
      </Box>
      <Body rows={bodyRows(size.rows, keys, { columns: size.columns, glyphs })} pinned={pinned}>
        {children}
      </Body>
      <Box flexDirection="column" flexShrink={0}>
        <Line text={rule} indent={0} />
        <Text>
          {help.join('\n')}
          <Text dimColor>{place}</Text>
        </Text>
      </Box>
    </Box>
  );
}

interface BodyProps {
  rows: number;
  pinned: readonly LineProps[];
  children: ReactNode;
}

/** What a screen says. Where that is more than there are rows, it says how much more, and PgUp and PgDn show it. */
function Body({ rows, pinned, children }: BodyProps) {
  const content = useRef<DOMElement>(null);
  const { height } = useBoxMetrics(content);
  const [wanted, setWanted] = useState<number | null>(null);
  const below = countRows(pinned, useRoom());
  const isLong = height + below > rows;
  // What is pinned must leave room to read what it is about.
  const isPinned = below <= rows - fewestRows;
  const page = Math.max(1, isLong ? rows - 1 - (isPinned ? below : 0) : rows);
  const most = Math.max(0, height + (isPinned ? 0 : below) - page);
  // Where both have no room, what can be done is seen first.
  const from = Math.min(wanted ?? (isPinned ? 0 : most), most);
  useKeys((_, key) => {
    if (isLong && key.pageDown) setWanted(Math.min(most, from + page));
    else if (isLong && key.pageUp) setWanted(Math.max(0, from - page));
  });
  const isApart = isLong && isPinned;
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Box flexDirection="column" height={page} overflow="hidden" contentOffsetY={from} flexShrink={0}>
        <Box ref={content} flexDirection="column" flexShrink={0}>
          {children}
        </Box>
        {!isApart && (
          <Box flexDirection="column" flexShrink={0}>
            <Lines lines={pinned} />
          </Box>
        )}
      </Box>
      {isLong && <Line bold color="yellow" text={moreRows(from, most - from)} />}
      {isApart && <Lines lines={pinned} />}
    </Box>
  );
}

function moreRows(above: number, below: number): string[] {
  const count = (rows: number, where: string, key: string): string =>
    rows === 0 ? '' : `${rows} more ${rows === 1 ? 'row' : 'rows'} ${where}: ${key}`;
  const parts = [count(below, 'below', 'PgDn'), count(above, 'above', 'PgUp')].filter((part) => part !== '');
  return [`-- ${parts.join('   ')} --`, `-- ${below} below, ${above} above --`];
}
