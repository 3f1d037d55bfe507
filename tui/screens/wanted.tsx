import { useState } from 'react';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { useKeys, useScreen } from '../context.ts';

/** The engine waits for another volume. It looks by itself: nobody need press a key when the disc is in. */
export function WantedScreen({ wanted }: { wanted: NonNullable<EngineState['wanted']> }) {
  const { client, go, glyphs } = useScreen();
  const [asked, setAsked] = useState(false);
  useKeys((input) => {
    if (input === 'l') go({ name: 'logs' });
    else if (input === 's') setAsked(true);
    else if (asked && input === 'y')
      client.ask({ command: 'skip-volume', volume: wanted.volume }).catch(() => undefined); // the next key tries again
    else if (asked) setAsked(false);
  });
  return (
    <Frame title={`Wanted ${glyphs.dot} ${wanted.what}`} keys="s give this volume up   l log   ! shell">
      <Line />
      <Line bold color="yellow" indent={3} text={`Put in ${wanted.what}.`} />
      <Line indent={3} text="Into this drive or any other; a stick will do. It goes on by itself." />
      <Line />
      {wanted.seen.length > 0 && <Line indent={3} text="Found so far:" />}
      <Lines indent={5} lines={wanted.seen.slice(0, 6)} />
      <Line />
      {asked && (
        <Line
          bold
          color="red"
          indent={3}
          text="What lies on it will be lost, and the restore stops. Sure? y or any other key"
        />
      )}
    </Frame>
  );
}
