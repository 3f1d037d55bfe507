import { useEffect, useState } from 'react';
import { unsignedWords } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { typeable, useEngineState, useKeys, useScreen } from '../context.ts';

/** A set was refused for its signature: only typed words let it in. */
export function TrustScreen() {
  const { client, go, setTyping } = useScreen();
  const state = useEngineState();
  const [typed, setTyped] = useState('');
  const [refusal, setRefusal] = useState<ReturnType<typeof refusalOf> | null>(null);
  useEffect(() => {
    setTyping(true);
    return () => setTyping(false);
  }, [setTyping]);
  const untrusted = state?.untrusted ?? null;
  const use = (): void => {
    if (untrusted === null) return;
    client.ask({ command: 'use-unsigned', set: untrusted.set, confirm: typed }).then(
      () => go({ name: 'menu' }),
      (error: unknown) => {
        setRefusal(refusalOf(error));
        setTyped('');
      },
    );
  };
  useKeys((input, key) => {
    if (key.escape) go({ name: 'menu' });
    else if (key.return) {
      if (typed !== '') use();
    } else if (key.backspace || key.delete) setTyped(typed.slice(0, -1));
    else if (!key.meta && !key.tab) setTyped(typed + typeable(input));
  });
  const report = refusal ?? state?.problem ?? null;
  return (
    <Frame title="A set that nobody vouches for" keys="Enter use it   Esc back, it is not used">
      <Line />
      {report && <Refusal report={report} />}
      <Line />
      {untrusted && <Line indent={3} text={`Refused: ${untrusted.name}`} />}
      <Line indent={3} text="This medium lets in what is signed by:" />
      <Lines indent={5} lines={(untrusted?.keys ?? []).length > 0 ? (untrusted?.keys ?? []) : ['no key at all']} />
      <Line />
      <Line indent={3} color="yellow" text="Who made this set decides what your machine will run." />
      <Line bold indent={3} text={`To use it anyway, type "${unsignedWords}": ${typed}_`} />
    </Frame>
  );
}
