import { useState } from 'react';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { untilEnter, useKeys, useScreen } from '../context.ts';

/** The plan's first secret that nobody gave yet. */
export function wantedSecret({ plan, givenSecrets }: EngineState): { name: string; title: string } | null {
  return plan?.secrets?.find(({ name }) => !(givenSecrets ?? []).includes(name)) ?? null;
}

/** A passphrase for a device that will be encrypted anew: typed twice, unseen, for nobody could correct it later. */
export function SecretScreen({ secret }: { secret: { name: string; title: string } }) {
  const { client, go } = useScreen();
  const [typed, setTyped] = useState('');
  const [first, setFirst] = useState<string | null>(null);
  const [differ, setDiffer] = useState(false);
  const [refusal, setRefusal] = useState<ReturnType<typeof refusalOf> | null>(null);
  const enter = (text: string): void => {
    if (text === '') return;
    setTyped('');
    setDiffer(first !== null && first !== text);
    setFirst(first === null ? text : null);
    if (first !== text) return;
    client.ask({ command: 'secret', name: secret.name, secret: text }).catch((error: unknown) => {
      setRefusal(refusalOf(error));
    });
  };
  useKeys((input, key) => {
    if (key.escape) go({ name: 'menu' });
    else if (key.return) enter(typed);
    else if (key.backspace || key.delete) setTyped([...typed].slice(0, -1).join(''));
    else if (!key.meta && !key.tab) {
      const { text, entered } = untilEnter(input);
      if (entered) enter(typed + text);
      else setTyped(typed + text);
    }
  });
  return (
    <Frame title="Restore encrypted storage" keys="Enter next   Esc back, nothing is written yet">
      <Line />
      <Line indent={3} text="The set holds no keys. This device is encrypted anew with a passphrase that" />
      <Line indent={3} text="you choose now; the old one will do. What you type is not shown." />
      <Line />
      <Line indent={3} text={secret.title} />
      <Line
        bold
        indent={3}
        text={`${first === null ? 'Passphrase' : 'The same once more'}: ${'*'.repeat([...typed].length)}_`}
      />
      <Line />
      {differ && <Line bold indent={3} text="The two were not the same. Begin again." />}
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}
