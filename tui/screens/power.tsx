import { useState } from 'react';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useEngineState, useKeys, useScreen } from '../context.ts';

/** Asks once more; Enter alone does nothing. */
export function PowerScreen({ action }: { action: 'reboot' | 'poweroff' }) {
  const { client, go } = useScreen();
  const state = useEngineState();
  const [refusal, setRefusal] = useState<ReturnType<typeof refusalOf> | null>(null);
  const [asked, setAsked] = useState(false);
  useKeys((input, key) => {
    if (input === 'y' && !asked) {
      setAsked(true);
      client.ask({ command: 'power', action }).catch((error: unknown) => {
        setAsked(false);
        setRefusal(refusalOf(error));
      });
    } else if (key.escape || input === 'n') go({ name: 'menu' });
  });
  const word = action === 'reboot' ? 'Reboot' : 'Power off';
  return (
    <Frame title={word} keys="y yes   n or Esc no">
      <Line />
      {state?.phase === 'restoring' && (
        <Line color="red" text="A restore is running. Stopping it now leaves the target disk incomplete." />
      )}
      {state?.phase === 'restored' && action === 'reboot' && <Line text="Take the medium out first." />}
      <Line text={asked ? `${word}: in progress.` : `${word} this machine? Type y or n.`} />
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}
