import { Text } from 'ink';
import { createElement, Fragment } from 'react';
import { useScreen } from '../context.ts';
import { printable } from '../glyphs.ts';
import { chooseWording, type Wording } from '../wording.ts';

export interface LineProps {
  /** With several wordings: the fullest that fits. */
  text?: Wording;
  /** Columns left free. */
  indent?: number;
  color?: 'red' | 'yellow' | 'green' | undefined;
  bold?: boolean;
  dim?: boolean;
}

/** One line, shortened where the screen ends: a line that wraps would push the frame off the screen. */
export function Line({ text = '', indent = 1, color, bold = false, dim = false }: LineProps) {
  const { size, glyphs } = useScreen();
  const wordings = (typeof text === 'string' ? [text] : text).map((each) => printable(each, glyphs).trimEnd());
  const shown = chooseWording(wordings, size.columns - indent);
  return (
    <Text bold={bold} dimColor={dim} {...(color ? { color } : {})}>
      {shown === '' ? ' ' : ' '.repeat(indent) + shown /* Ink gives an empty text no row. */}
    </Text>
  );
}

/** Several lines; their place is their identity. */
export function Lines({ lines, indent = 1 }: { lines: readonly (string | LineProps)[]; indent?: number }) {
  const shown = lines.map((line): LineProps => (typeof line === 'string' ? { text: line } : line));
  return createElement(Fragment, null, ...shown.map((line) => createElement(Line, { indent, ...line })));
}
