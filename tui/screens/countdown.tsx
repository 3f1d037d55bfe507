import { Text, useInput } from 'ink';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { useScreen } from '../context.ts';
import { linesOf } from './plan.tsx';

/** An unattended restore is about to start: any key stops it. */
export function CountdownScreen({ state }: { state: EngineState }) {
  const { client, size } = useScreen();
  useInput(() => {
    client.ask({ command: 'stop-countdown' }).catch(() => undefined); // the next key tries again
  });
  return (
    <Frame title={`Restoring ${state.set?.machine.hostname ?? ''} without questions`} keys="any key stops it">
      <Text> </Text>
      <Text bold color="yellow">
        {'   '}It starts in {state.countdown} s. Press any key to stop it.
      </Text>
      <Text> </Text>
      {state.plan &&
        linesOf(state.plan)
          .slice(0, size.rows - 9)
          .map((line) => (
            <Text key={line.text} wrap="truncate" {...(line.color ? { color: line.color } : {})}>
              {'   '}
              {line.text}
            </Text>
          ))}
    </Frame>
  );
}
