import { Text, useInput } from 'ink';
import { useState } from 'react';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useEngineState, useScreen } from '../context.ts';

/** Asks once more; Enter alone does nothing. */
export function PowerScreen({ action }: { action: 'reboot' | 'poweroff' }) {
  const { client, go } = useScreen();
  const state = useEngineState();
  const [refusal, setRefusal] = useState<ReturnType<typeof refusalOf> | null>(null);
  const [asked, setAsked] = useState(false);
  useInput((input, key) => {
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
      <Text> </Text>
      {state?.phase === 'restoring' && (
        <Text color="red"> A restore is running. Stopping it now leaves the target disk incomplete.</Text>
      )}
      {state?.phase === 'restored' && action === 'reboot' && <Text> Take the medium out first.</Text>}
      <Text> {asked ? `${word}: in progress.` : `${word} this machine? Type y or n.`}</Text>
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}
