import { useState } from 'react';
import type { EngineState } from '../../restore/execute/protocol.ts';
import type { PlanSecret } from '../../restore/plan/step.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { untilEnter, useEngineState, useKeys, useScreen } from '../context.ts';

/** The plan's first secret that nobody gave yet. */
export function wantedSecret({ plan, givenSecrets }: EngineState): PlanSecret | null {
  return plan?.secrets?.find(({ name }) => !(givenSecrets ?? []).includes(name)) ?? null;
}

/** The first one that the restore needs to go on. */
export function secretToGoOn({ plan, givenSecrets, continueSecrets }: EngineState): PlanSecret | null {
  const isWanted = ({ name }: PlanSecret): boolean =>
    (continueSecrets ?? []).includes(name) && !(givenSecrets ?? []).includes(name);
  return plan?.secrets?.find(isWanted) ?? null;
}

/** Which of those that are asked for it is. */
function placeOf({ name }: PlanSecret, state: EngineState | null, isGoingOn: boolean): [number, number] {
  const asked = state?.continueSecrets ?? [];
  const secrets = (state?.plan?.secrets ?? []).filter((each) => !isGoingOn || asked.includes(each.name));
  return [secrets.findIndex((each) => each.name === name) + 1, secrets.length];
}

const newWords =
  'This device will be encrypted anew, for the backup holds no keys of disks. Choose its passphrase now; it may be the old one. What you type is not shown.';
const knownWords =
  'This device is encrypted, and stays as it is. Type the passphrase that opens it now. What you type is not shown.';
const goOnWords =
  'The restore that stopped had encrypted this device. Type the passphrase that was chosen for it then. What you type is not shown.';

/**
 * A passphrase, unseen. For a device that will be encrypted anew it is typed twice, for nobody could correct it later; one that
 * opens a device is tried at once.
 */
export function SecretScreen({ secret, isGoingOn }: { secret: PlanSecret; isGoingOn: boolean }) {
  const { client, go } = useScreen();
  const [typed, setTyped] = useState('');
  const [first, setFirst] = useState<string | null>(null);
  const [differ, setDiffer] = useState(false);
  const [refusal, setRefusal] = useState<ReturnType<typeof refusalOf> | null>(null);
  const [number, count] = placeOf(secret, useEngineState(), isGoingOn);
  const isNew = secret.opens === undefined;
  const words = isNew ? newWords : isGoingOn ? goOnWords : knownWords;
  const enter = (text: string): void => {
    if (text === '') return;
    setTyped('');
    setRefusal(null);
    if (isNew) {
      setDiffer(first !== null && first !== text);
      setFirst(first === null ? text : null);
      if (first !== text) return;
    }
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
    <Frame
      aside={count > 1 ? `passphrase ${number} of ${count}` : ''}
      title={isNew ? 'Restore encrypted storage' : 'Open encrypted storage'}
      keys={isGoingOn ? 'Enter next   Esc back' : 'Enter next   Esc back, without writing'}
    >
      <Line />
      <Line indent={3} hanging={0} text={words} />
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
