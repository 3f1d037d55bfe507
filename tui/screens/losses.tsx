import { useState } from 'react';
import { withoutFiles } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { useEngineState, useKeys, useScreen } from '../context.ts';

/** Rows that are not the list's: frame, three lines of text, blank lines. */
const otherRows = 11;

/** Which files a damaged backup cannot give back. Going on from here is a choice; the plan asks for it in words. */
export function LossesScreen() {
  const { client, go, size, glyphs } = useScreen();
  const state = useEngineState();
  const [from, setFrom] = useState(0);
  const isOver = state?.phase === 'restored';
  const loss = isOver ? state.lost : (state?.salvage ?? null);
  const isPossible = !isOver && state?.salvage?.status === 'possible';
  const lines = loss?.first ?? [];
  const page = Math.max(1, size.rows - otherRows);
  const most = Math.max(0, lines.length - page);
  useKeys((input, key) => {
    if (key.escape) go({ name: 'menu' });
    else if (input === 'c' && isPossible) go({ name: 'disks', readOnly: false });
    else if (input === 'v' && !isOver)
      client.ask({ command: 'verify' }).then(
        () => go({ name: 'menu' }),
        () => undefined,
      );
    else if (key.upArrow) setFrom(Math.max(0, from - 1));
    else if (key.downArrow) setFrom(Math.min(most, from + 1));
    else if (key.pageUp) setFrom(Math.max(0, from - page));
    else if (key.pageDown) setFrom(Math.min(most, from + page));
  });
  const next = isOver ? '' : `${isPossible ? 'c go on without them   ' : ''}v read the medium again   `;
  return (
    <Frame
      title={isOver ? 'What is missing' : `Restore ${glyphs.dot} what would be missing`}
      keys={`${next}${glyphs.upDown} scroll   Esc back   ! shell`}
    >
      <Line />
      {loss && (
        <Line
          bold
          indent={3}
          color="yellow"
          text={`${isOver ? 'It was restored' : 'The rest can be restored'} ${withoutFiles(loss.files)}:`}
        />
      )}
      <Line />
      <Lines indent={5} lines={lines.slice(from, from + page)} />
      <Line />
      {loss && loss.files > lines.length && (
        <Line indent={3} text={`These are the first ${lines.length} of ${loss.files}.`} />
      )}
      {loss && <Line indent={3} text={`The whole list: less ${loss.listFile} (from the shell)`} />}
      {!isOver && <Line indent={3} text="Another copy of the medium may be whole. Try that first." />}
    </Frame>
  );
}
