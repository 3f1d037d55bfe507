import { useEffect, useState } from 'react';
import { bodyRows, Frame } from '../components/frame.tsx';
import { Line, Lines, splitRows, useRoom } from '../components/line.tsx';
import { typeable, useEngineState, useKeys, useScreen } from '../context.ts';

/** The newest lines, to scroll and to search. */
export function LogsScreen() {
  const { size, glyphs, go, setTyping } = useScreen();
  const room = useRoom();
  const state = useEngineState();
  const [up, setUp] = useState(0);
  const [search, setSearch] = useState<{ text: string; typing: boolean }>({ text: '', typing: false });
  // While a search is typed, ! and ? are letters.
  useEffect(() => {
    setTyping(search.typing);
    return () => setTyping(false);
  }, [search.typing, setTyping]);
  const keys = `${glyphs.upDown} PgUp PgDn scroll   / search   Esc back   ! shell`;
  // The line of the search stands above them.
  const page = Math.max(1, bodyRows(size.rows, keys, room) - 1);
  const all = state?.log ?? [];
  const found = search.text === '' ? all : all.filter((line) => line.toLowerCase().includes(search.text.toLowerCase()));
  const lines = splitRows(
    found.map((text) => ({ text, hanging: 9 })),
    room,
  );
  const most = Math.max(0, lines.length - page);
  const offset = Math.min(up, most);
  useKeys((input, key) => {
    if (search.typing) {
      if (key.return || key.escape) setSearch({ text: key.escape ? '' : search.text, typing: false });
      else if (key.backspace || key.delete) setSearch({ text: search.text.slice(0, -1), typing: true });
      else if (!key.meta) setSearch({ text: search.text + typeable(input), typing: true });
    } else if (input === '/') setSearch({ text: '', typing: true });
    else if (key.upArrow || input === 'k') setUp(Math.min(most, offset + 1));
    else if (key.downArrow || input === 'j') setUp(Math.max(0, offset - 1));
    else if (key.pageUp) setUp(Math.min(most, offset + page));
    else if (key.pageDown) setUp(Math.max(0, offset - page));
    else if (key.escape || input === 'q') go({ name: 'menu' });
  });
  const start = Math.max(0, lines.length - page - offset);
  return (
    <Frame
      title={[`Logs ${glyphs.dot} /run/rekindle/rekindle.log`, 'Logs']}
      aside={found.length === 1 ? '1 line' : `${found.length} lines`}
      keys={keys}
    >
      <Line text={search.typing || search.text !== '' ? `search: ${search.text}${search.typing ? '_' : ''}` : ''} />
      <Lines lines={lines.slice(start, start + page)} />
    </Frame>
  );
}
