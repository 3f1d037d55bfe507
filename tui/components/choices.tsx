import { Fragment, useState } from 'react';
import { useKeys, useScreen } from '../context.ts';
import { Line } from './line.tsx';

export interface Choice {
  label: string;
  note: string;
  /** A second line. */
  more?: { text: string; color?: 'yellow' };
}

/** Rows of a screen that are not the list's: frame, heading, what was chosen before, a refusal. */
const otherRows = 13;

/** A list to choose from, by arrows and Enter or by number; a long one shows what is around the choice. */
export function Choices({
  choices,
  onChoose,
  onBack,
}: {
  choices: readonly Choice[];
  onChoose: (index: number) => void;
  onBack: () => void;
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
  const rowsOfOne = choices.some(({ more }) => more !== undefined) ? 2 : 1;
  const page = Math.max(2, Math.floor((size.rows - otherRows) / rowsOfOne));
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
