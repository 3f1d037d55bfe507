import { useState } from 'react';
import { type Loss, withoutFiles } from '../../restore/execute/protocol.ts';
import { bodyRows, Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, splitRows, useRoom } from '../components/line.tsx';
import { useEngineState, useKeys, useScreen } from '../context.ts';
import { stepWords } from './steps.ts';

const blankRows = 3;

/** What stands above and below the list. */
function saying(loss: Loss | null, isOver: boolean): { above: LineProps[]; below: LineProps[] } {
  if (loss === null) return { above: [], below: [] };
  const what = isOver ? 'It was restored' : 'The rest can be restored';
  const first = loss.first.length;
  return {
    above: [{ bold: true, indent: 3, color: 'yellow', text: `${what} ${withoutFiles(loss.files)}:` }],
    below: [
      ...(loss.files > first ? [{ indent: 3, text: `These are the first ${first} of ${loss.files}.` }] : []),
      { indent: 3, text: `The whole list: less ${loss.listFile} (from the shell)` },
      ...(isOver ? [] : [{ indent: 3, text: 'Another copy of the medium may be whole. Try that first.' }]),
    ],
  };
}

/** Which files a damaged backup cannot give back. Going on from here is a choice; the plan asks for it in words. */
export function LossesScreen() {
  const { client, go, size, glyphs } = useScreen();
  const room = useRoom();
  const state = useEngineState();
  const [wanted, setFrom] = useState(0);
  const isOver = state?.phase === 'restored';
  const loss = isOver ? state.lost : (state?.salvage ?? null);
  const isPossible = !isOver && state?.salvage?.status === 'possible';
  const { above, below } = saying(loss, isOver);
  const lines = splitRows(
    (loss?.first ?? []).map((text) => ({ text, indent: 5 })),
    room,
  );
  const next = isOver ? '' : `${isPossible ? 'c go on without them   ' : ''}v read the medium again   `;
  const keys = `${next}${glyphs.upDown} scroll   Esc back   ! shell`;
  const taken = blankRows + countRows([...above, ...below], room);
  const page = Math.max(1, bodyRows(size.rows, keys, room) - taken);
  const most = Math.max(0, lines.length - page);
  const from = Math.min(wanted, most);
  const steps = isPossible ? 2 + (state?.set?.diskCount ?? 0) : undefined;
  useKeys((input, key) => {
    if (key.escape) go({ name: 'menu' });
    else if (input === 'c' && isPossible) go({ name: 'disks', readOnly: false, before: 1 });
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
  return (
    <Frame
      title={isOver ? 'What is missing' : [`Restore ${glyphs.dot} what would be missing`, 'What would be missing']}
      aside={stepWords(1, steps)}
      keys={keys}
    >
      <Line />
      <Lines lines={above} />
      <Line />
      <Lines lines={lines.slice(from, from + page)} />
      <Line />
      <Lines lines={below} />
    </Frame>
  );
}
