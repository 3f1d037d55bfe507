import { useState } from 'react';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useKeys, useScreen } from '../context.ts';

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
  const enter = (): void => {
    setTyped('');
    setDiffer(first !== null && first !== typed);
    setFirst(first === null ? typed : null);
    if (first !== typed) return;
    client.ask({ command: 'secret', name: secret.name, secret: typed }).catch((error: unknown) => {
      setRefusal(refusalOf(error));
    });
  };
  useKeys((input, key) => {
    if (key.escape) go({ name: 'menu' });
    else if (key.return) {
      if (typed !== '') enter();
    } else if (key.backspace || key.delete) setTyped([...typed].slice(0, -1).join(''));
    else if (!key.meta && !key.tab) setTyped(typed + input);
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
