import { useEffect, useState } from 'react';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { GiveUp } from '../components/give-up.tsx';
import { Line, Lines } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { typeable, useKeys, useScreen } from '../context.ts';

/** More would push the question off the screen. */
const seenShown = 4;

type Wanted = NonNullable<EngineState['wanted']>;

/** The engine waits for another volume. It looks by itself: nobody need press a key when the disc is in. */
export function WantedScreen({ state, wanted }: { state: EngineState; wanted: Wanted }) {
  const { client, go, glyphs, setTyping } = useScreen();
  const [asked, setAsked] = useState(false);
  const [typed, setTyped] = useState('');
  const [refusal, setRefusal] = useState<ReturnType<typeof refusalOf> | null>(null);
  const isTyped = asked && wanted.restoring && state.salvage?.status === 'possible';
  useEffect(() => {
    setTyping(isTyped);
    return () => setTyping(false);
  }, [isTyped, setTyping]);
  const ask = (command: Parameters<typeof client.ask>[0]): void => {
    setRefusal(null);
    client.ask(command).catch((error: unknown) => setRefusal(refusalOf(error)));
  };
  const stop = (): void => {
    setAsked(false);
    setTyped('');
  };
  const type = (
    input: string,
    key: { return: boolean; escape: boolean; backspace: boolean; delete: boolean },
  ): void => {
    if (key.escape) stop();
    else if (key.return && typed !== '') {
      ask({ command: 'skip-volume', confirm: typed });
      setTyped('');
    } else if (key.backspace || key.delete) setTyped(typed.slice(0, -1));
    else setTyped(typed + typeable(input));
  };
  useKeys((input, key) => {
    if (isTyped) type(input, key);
    else if (asked && input === 'y') ask({ command: 'skip-volume' });
    else if (asked) stop();
    else if (input === 'l') go({ name: 'logs' });
    else if (input === 's') {
      setAsked(true);
      if (wanted.restoring) ask({ command: 'count-loss' });
    }
  });
  return (
    <Frame
      title={[`Wanted ${glyphs.dot} ${wanted.what}`, 'Wanted: another volume']}
      keys={isTyped ? 'Enter go on without it   Esc wait for it' : 's give it up   l log   ! shell'}
    >
      <Line />
      <Line bold color="yellow" indent={3} text={`Put in ${wanted.what}.`} />
      <Line indent={3} text="Into this drive or any other; a stick will do. It goes on by itself." />
      <Line />
      {wanted.seen.length > 0 && <Line indent={3} text="Found so far:" />}
      <Lines indent={5} lines={wanted.seen.slice(0, seenShown)} />
      {wanted.seen.length > seenShown && (
        <Line indent={5} text={`and ${wanted.seen.length - seenShown} more (l log)`} />
      )}
      <Line />
      {asked && <GiveUp state={state} typed={typed} />}
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}
