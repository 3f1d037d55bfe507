import { useState } from 'react';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { untilEnter, useKeys, useScreen } from '../context.ts';

const what =
  'This backup is encrypted. Type its passphrase, or the secret key that opens it (AGE-SECRET-KEY-1...). What you type is not shown.';

/** The passphrase of an encrypted backup, or a secret key (AGE-SECRET-KEY-1...), typed unseen. */
export function UnlockScreen() {
  const { client, go } = useScreen();
  const [typed, setTyped] = useState('');
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<ReturnType<typeof refusalOf> | null>(null);
  const unlock = (secret: string): void => {
    if (secret === '') return;
    setAsking(true);
    setRefusal(null);
    const kind = secret.startsWith('AGE-SECRET-KEY-1') ? 'key' : 'passphrase';
    client.ask({ command: 'unlock', kind, secret }).then(
      () => go({ name: 'menu' }),
      (error: unknown) => {
        setAsking(false);
        setTyped('');
        setRefusal(refusalOf(error));
      },
    );
  };
  useKeys((input, key) => {
    if (key.escape) go({ name: 'menu' });
    else if (asking) return;
    else if (key.return) unlock(typed);
    else if (key.backspace || key.delete) setTyped([...typed].slice(0, -1).join(''));
    else if (!key.meta && !key.tab) {
      const { text, entered } = untilEnter(input);
      setTyped(typed + text);
      if (entered) unlock(typed + text);
    }
  });
  return (
    <Frame title="Unlock the backup" keys="Enter unlock   Esc back">
      <Line />
      <Line indent={3} hanging={0} text={what} />
      <Line />
      <Line
        bold
        indent={3}
        text={asking ? 'Trying it; this takes some seconds.' : `Passphrase: ${'*'.repeat([...typed].length)}_`}
      />
      <Line />
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}
