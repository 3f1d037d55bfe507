import { Fragment, useState } from 'react';
import { useKeys, useScreen } from '../context.ts';
import { Line } from './line.tsx';

export interface Choice {
  label: string;
  note: string;
  /** A second line. */
  more?: { text: string; color?: 'yellow' | undefined };
}

/** Rows of most screens that are not the list's: frame, heading, what was chosen before, a refusal. */
const usualRows = 13;

/** How many of them can be seen at once, each with a second line or none. */
export function pageOf(choices: readonly Choice[], rows: number): number {
  const rowsOfOne = choices.some(({ more }) => more !== undefined) ? 2 : 1;
  return Math.max(2, Math.floor(rows / rowsOfOne));
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
  const [wanted, setWanted] = useState(0);
  const cursor = Math.min(wanted, Math.max(0, choices.length - 1));
  useKeys((input, key) => {
    if (key.escape) onBack();
    else if (key.upArrow || input === 'k') setWanted(Math.max(0, cursor - 1));
    else if (key.downArrow || key.tab || input === 'j') setWanted(Math.min(choices.length - 1, cursor + 1));
    else if (key.return && choices.length > 0) onChoose(cursor);
    else if (/^[1-9]$/.test(input) && Number(input) <= choices.length) onChoose(Number(input) - 1);
  });
  const page = pageOf(choices, size.rows - otherRows);
  const from = Math.max(0, Math.min(cursor - page + 1, choices.length - page));
  return (
    <>
      {choices.slice(from, from + page).map(({ label, note, more }, row) => {
        const index = from + row;
        const number = index < 9 ? `${index + 1}` : ' ';
        return (
          <Fragment key={label}>
            <Line
              indent={3}
              bold={index === cursor}
              text={`${index === cursor ? glyphs.pointer : ' '} ${number}  ${label.padEnd(25)}${note}`}
            />
            {more !== undefined && <Line indent={9} color={more.color} text={more.text} />}
          </Fragment>
        );
      })}
      {choices.length > page && (
        <Line indent={8} dim text={`${choices.length} in all: ${glyphs.upDown} shows the others`} />
      )}
    </>
  );
}
