import { Fragment, useState } from 'react';
import { useKeys, useScreen } from '../context.ts';
import { countRows, Line, type LineProps, type Room, useRoom } from './line.tsx';

export interface Choice {
  label: string;
  note: string;
  /** A second line. */
  more?: { text: string; color?: 'yellow' | undefined };
}

/** Rows of most screens that are not the list's: frame, heading, what was chosen before, a refusal. */
const usualRows = 13;

const labelColumns = 25;
/** The pointer, the number and the blanks around them. */
const before = 5;

/** '► 1  Logs                     what happened so far': the note in its column, or after the label where that is long. */
export function choiceText(pointer: string, number: string, label: string, note: string): string {
  const gap = note === '' ? '' : ' '.repeat(Math.max(2, labelColumns - label.length));
  return `${pointer} ${number}  ${label}${gap}${note}`;
}

function choiceLines({ label, note, more }: Choice, pointer: string, number: string): LineProps[] {
  return [
    { indent: 3, hanging: before + 2, text: choiceText(pointer, number, label, note) },
    ...(more === undefined ? [] : [{ indent: 9, color: more.color, text: more.text }]),
  ];
}

/** Of a list whose entries have these heights: those that fit into so many rows, among them the one at the cursor. */
export function windowAround(heights: readonly number[], cursor: number, rows: number): [number, number] {
  const sum = (from: number, to: number): number => heights.slice(from, to).reduce((all, each) => all + each, 0);
  let from = cursor;
  while (from > 0 && sum(from - 1, cursor + 1) <= rows) from -= 1;
  let to = cursor + 1;
  while (to < heights.length && sum(from, to + 1) <= rows) to += 1;
  return [from, Math.min(to, heights.length)];
}

/** Rows that a list takes on the screen, with the line that says that there is more. */
export function rowsOfList(choices: readonly Choice[], rows: number, room: Room): number {
  const all = choices.flatMap((choice) => choiceLines(choice, ' ', ' '));
  const needed = countRows(all, room);
  return needed <= rows ? needed : rows + 1;
}

/** A list to choose from, by arrows and Enter or by number; a long one shows what is around the choice. */
export function Choices({
  choices,
  onChoose,
  onBack,
  otherRows = usualRows,
}: {
  choices: readonly Choice[];
  onChoose: (index: number) => void;
  onBack: () => void;
  /** Of the screen, that are not the list's. */
  otherRows?: number;
}) {
  const { glyphs, size } = useScreen();
  const room = useRoom();
  const [wanted, setWanted] = useState(0);
  const cursor = Math.min(wanted, Math.max(0, choices.length - 1));
  useKeys((input, key) => {
    if (key.escape) onBack();
    else if (key.upArrow || input === 'k') setWanted(Math.max(0, cursor - 1));
    else if (key.downArrow || key.tab || input === 'j') setWanted(Math.min(choices.length - 1, cursor + 1));
    else if (key.return && choices.length > 0) onChoose(cursor);
    else if (/^[1-9]$/.test(input) && Number(input) <= choices.length) onChoose(Number(input) - 1);
  });
  const heights = choices.map((choice) => countRows(choiceLines(choice, ' ', ' '), room));
  const [from, to] = windowAround(heights, cursor, size.rows - otherRows);
  return (
    <>
      {choices.slice(from, to).map((choice, row) => {
        const index = from + row;
        const pointer = index === cursor ? glyphs.pointer : ' ';
        const [first, more] = choiceLines(choice, pointer, index < 9 ? `${index + 1}` : ' ');
        return (
          <Fragment key={choice.label}>
            <Line {...first} bold={index === cursor} />
            {more && <Line {...more} />}
          </Fragment>
        );
      })}
      {to - from < choices.length && (
        <Line indent={8} dim text={`${choices.length} in all: ${glyphs.upDown} shows the others`} />
      )}
    </>
  );
}
