import { visible } from './visible.ts';

/**
 * A text from outside below words of ours: its own lines after the first begin with a bar, so that none can pass for one of
 * ours, a log entry or a next step.
 * @param head '12:34:56 ', '  Why:  ': what the first line begins with
 */
export function barredLines(head: string, text: string): string[] {
  const [first = '', ...others] = text.split('\n');
  return [
    visible(head + first),
    ...others.map((line) => `${' '.repeat(Math.max(0, head.length - 2))}| ${visible(line)}`),
  ];
}
