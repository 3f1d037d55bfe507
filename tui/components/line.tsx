import { Text } from 'ink';
import { createElement, Fragment } from 'react';
import { useScreen } from '../context.ts';
import { printable } from '../glyphs.ts';

export interface LineProps {
  text?: string;
  /** Columns left free. */
  indent?: number;
  color?: 'red' | 'yellow' | 'green' | undefined;
  bold?: boolean;
  dim?: boolean;
}

/** One line, cut where the screen ends: a line that wraps would push the frame off the screen. */
export function Line({ text = '', indent = 1, color, bold = false, dim = false }: LineProps) {
  const { size, glyphs } = useScreen();
  const whole = ' '.repeat(indent) + printable(text, glyphs);
  // Ink gives an empty text no row.
  const cut = whole.slice(0, size.columns).trimEnd() || ' ';
  return (
    <Text bold={bold} dimColor={dim} {...(color ? { color } : {})}>
      {cut}
    </Text>
  );
}

/** Several lines; their place is their identity. */
export function Lines({ lines, indent = 1 }: { lines: readonly (string | LineProps)[]; indent?: number }) {
  const shown = lines.map((line) => (typeof line === 'string' ? { text: line } : line));
  return createElement(Fragment, null, ...shown.map((line) => createElement(Line, { indent, ...line })));
}
