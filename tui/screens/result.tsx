import { Text, useInput } from 'ink';
import type { EngineState } from '../../restore/execute/protocol.ts';
import { Frame } from '../components/frame.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useScreen } from '../context.ts';

/** After a restore that ended well: every step did. */
export function RestoredScreen({ state }: { state: EngineState }) {
  const { go, glyphs, size } = useScreen();
  useInput((input, key) => {
    if (key.return || input === '5') go({ name: 'power', action: 'reboot' });
    else if (input === 'l') go({ name: 'logs' });
  });
  const steps = state.progress?.steps ?? [];
  const shown = steps.filter(({ id }) => /^(table|make|extract|boot|flags|log)/.test(id)).slice(0, size.rows - 14);
  return (
    <Frame
      title="Restored."
      aside={`${steps.length} of ${steps.length} steps done`}
      keys="Enter reboot (asks once more)   l log   ! shell"
    >
      <Text> </Text>
      {shown.map((step) => (
        <Text key={step.id} color="green" wrap="truncate">
          {'   '}
          {glyphs.good} {step.title} ({step.target})
        </Text>
      ))}
      <Text> </Text>
      {state.warnings.slice(0, 4).map((warning) => (
        <Text key={warning} color="yellow" wrap="truncate">
          {'   '}! {warning}
        </Text>
      ))}
      <Text> Take the medium out, then reboot.</Text>
      <Text> The log is in /var/log/rekindle on the machine.</Text>
    </Frame>
  );
}

/** After a restore that stopped: what, why, and what to do. */
export function FailedScreen({ state }: { state: EngineState }) {
  const { go, glyphs, size } = useScreen();
  useInput((input, key) => {
    if (input === 'r') go({ name: 'disks', readOnly: false });
    else if (input === 'l') go({ name: 'logs' });
    else if (key.escape || input === 'm') go({ name: 'after-failure' });
  });
  const failed = state.progress?.steps.find(({ status }) => status === 'failed');
  return (
    <Frame title="The restore stopped." keys="r try again   l log   m menu   ! shell">
      <Text> </Text>
      {failed && (
        <Text color="red">
          {'   '}
          {glyphs.bad} failed at: {failed.title} ({failed.target})
        </Text>
      )}
      {state.failure && <Refusal report={state.failure} />}
      <Text> </Text>
      <Text>
        {state.log
          .slice(-(size.rows - 15))
          .map((line) => `   ${line}`.slice(0, size.columns - 1))
          .join('\n')}
      </Text>
    </Frame>
  );
}
