import { Text } from 'ink';
import { createElement, Fragment } from 'react';
import { useScreen } from '../context.ts';
import { type Glyphs, printable } from '../glyphs.ts';
import { chooseWording, type Wording, wrapText } from '../wording.ts';

export interface LineProps {
  /** With several wordings: the fullest that fits. */
  text?: Wording;
  /** Columns left free. */
  indent?: number;
  /** How much further right a text goes on in its next row. */
  hanging?: number;
  color?: 'red' | 'yellow' | 'green' | undefined;
  bold?: boolean;
  dim?: boolean;
  /** One row, whatever the text: it is shortened with a mark. Only where all of it can be read elsewhere. */
  isOneRow?: boolean;
}

/** Room for lines, and what to draw with. */
export interface Room {
  /** Columns of the screen. */
  columns: number;
  glyphs: Glyphs;
}

/** The rows that a line takes: what does not fit goes on below, nothing is lost. */
export function rowsOf({ text = '', indent = 1, hanging = 2, isOneRow = false }: LineProps, room: Room): string[] {
  const { columns, glyphs } = room;
  const wordings = (typeof text === 'string' ? [text] : text).map((each) => printable(each, glyphs).trimEnd());
  const width = Math.max(1, columns - indent);
  if (isOneRow) return [chooseWording(wordings, width)];
  const whole = wordings.find(({ length }) => length <= width);
  return whole === undefined ? wrapText(wordings.at(-1) ?? '', width, hanging) : [whole];
}

/** Each row as a line of its own, for a list that is shown page by page. */
export function splitRows(lines: readonly LineProps[], room: Room): LineProps[] {
  return lines.flatMap((line) => rowsOf(line, room).map((text) => ({ ...line, text, isOneRow: true })));
}

export function countRows(lines: readonly LineProps[], room: Room): number {
  return lines.reduce((sum, line) => sum + rowsOf(line, room).length, 0);
}

/** Columns of the screen and glyphs, for `rowsOf`. */
export function useRoom(): Room {
  const { size, glyphs } = useScreen();
  return { columns: size.columns, glyphs };
}

/** One text, in as many rows as it needs. */
export function Line({ color, bold = false, dim = false, ...line }: LineProps) {
  const { indent = 1 } = line;
  const rows = rowsOf(line, useRoom());
  const shown = rows.map((row) => (row === '' ? ' ' : ' '.repeat(indent) + row)); // Ink gives an empty text no row.
  return (
    <Text bold={bold} dimColor={dim} {...(color ? { color } : {})}>
      {shown.join('\n')}
    </Text>
  );
}

/** Several lines; their place is their identity. */
export function Lines({ lines, indent = 1 }: { lines: readonly (string | LineProps)[]; indent?: number }) {
  const shown = lines.map((line): LineProps => (typeof line === 'string' ? { text: line } : line));
  return createElement(Fragment, null, ...shown.map((line) => createElement(Line, { indent, ...line })));
}
