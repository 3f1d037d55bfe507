import { useEffect, useState } from 'react';
import { formatBytes, formatCount } from '../../common/format.ts';
import {
  type DeviceHere,
  type DevicesAnswer,
  freshTypeNames,
  type Report,
  type SavedFileSystem,
} from '../../restore/execute/protocol.ts';
import { refusalOf } from '../client.ts';
import { type Choice, Choices } from '../components/choices.tsx';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useScreen } from '../context.ts';

function describeSaved({ type, bytes, files }: SavedFileSystem): string {
  return `${type.padEnd(6)} ${formatBytes(bytes).padStart(8)}, ${formatCount(files)} files`;
}

function choiceOf(device: DeviceHere): Choice {
  const disks = device.disks.map(
    ({ name, model, serial }) => `on ${name}  ${model || 'no model'}  serial ${serial ?? 'none'}`,
  );
  const holds = device.content === '' ? 'nothing known on it' : `holds ${device.content}`;
  return {
    label: device.name,
    note: `${formatBytes(device.sizeBytes)}, ${holds}`,
    more: { text: disks.join(', ') },
  };
}

type Way = Choice & { make: string | null };

/** What can be done with the device: keeping first, for it loses least. */
function waysOf({ type }: SavedFileSystem, device: DeviceHere): Way[] {
  const keep = {
    label: 'Keep what is on it',
    note: 'files with the same names are overwritten',
    make: null,
  };
  const others = freshTypeNames.filter((name) => name !== type);
  return [
    ...(device.type === null ? [] : [keep]),
    { label: 'Make it anew as it was', note: `${type}; all that is on ${device.name} is lost`, make: 'same' },
    ...others.map((name) => ({
      label: `Make it anew as ${name}`,
      note: `all that is on ${device.name} is lost`,
      make: name,
    })),
  ];
}

/** One saved file system, the device that it goes into, and how; then the engine plans. Nothing is written. */
export function FileSystemScreen() {
  const { client, go, glyphs } = useScreen();
  const [answer, setAnswer] = useState<DevicesAnswer | null>(null);
  const [refusal, setRefusal] = useState<Report | null>(null);
  const [saved, setSaved] = useState<SavedFileSystem | null>(null);
  const [device, setDevice] = useState<DeviceHere | null>(null);
  useEffect(() => {
    const refuse = (error: unknown): void => setRefusal(refusalOf(error));
    client.ask({ command: 'find-sets' }).catch(refuse);
    client.ask({ command: 'devices' }).then((reply) => setAnswer(reply.devices ?? null), refuse);
  }, [client]);
  const plan = (way: Way | undefined): void => {
    if (!saved || !device || !way) return;
    const part = { fileSystem: saved.name, device: device.path, make: way.make };
    client.ask({ command: 'plan', targets: [], part }).then(
      () => go({ name: 'plan', readOnly: false }),
      (error: unknown) => setRefusal(refusalOf(error)),
    );
  };
  const question = saved === null ? 'which file system?' : device === null ? 'into which device?' : 'how?';
  return (
    <Frame
      title={`Restore one file system ${glyphs.dot} ${question}`}
      aside="step 1 of 4"
      keys={`${glyphs.upDown} choose   Enter go   Esc back   ? help   ! shell`}
    >
      <Line />
      {!answer && !refusal && <Line text="Looking at the devices of this machine." />}
      {saved && <Line text={`Saved      ${saved.name}  ${describeSaved(saved)}`} />}
      {device && <Line text={`Goes into  ${device.name}  ${choiceOf(device).note}`} />}
      {saved && <Line />}
      {answer && saved === null && (
        <Choices
          key="saved"
          choices={answer.fileSystems.map((each) => ({ label: each.name, note: describeSaved(each) }))}
          onChoose={(index) => setSaved(answer.fileSystems[index] ?? null)}
          onBack={() => go({ name: 'part' })}
        />
      )}
      {answer && saved !== null && device === null && (
        <Devices devices={answer.devices} onChoose={setDevice} onBack={() => setSaved(null)} />
      )}
      {saved !== null && device !== null && (
        <Choices
          key="how"
          choices={waysOf(saved, device)}
          onChoose={(index) => plan(waysOf(saved, device)[index])}
          onBack={() => {
            setDevice(null);
            setRefusal(null);
          }}
        />
      )}
      {!answer && refusal && <Choices choices={[]} onChoose={() => undefined} onBack={() => go({ name: 'part' })} />}
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}

/** Those that can be chosen, and below why others cannot. */
function Devices({
  devices,
  onChoose,
  onBack,
}: {
  devices: readonly DeviceHere[];
  onChoose: (device: DeviceHere) => void;
  onBack: () => void;
}) {
  const { size } = useScreen();
  const free = devices.filter(({ refusal }) => refusal === null);
  const refused = devices.filter(({ refusal }) => refusal !== null);
  const room = Math.max(0, size.rows - 12 - 2 * free.length);
  return (
    <>
      {free.length === 0 && <Line color="yellow" text="No device of this machine can take it." />}
      <Choices
        key="device"
        choices={free.map(choiceOf)}
        onChoose={(index) => {
          const device = free[index];
          if (device) onChoose(device);
        }}
        onBack={onBack}
      />
      {refused.length > 0 && room > 0 && <Line text="Not offered" />}
      {refused.slice(0, room).map(({ name, content, refusal }) => (
        <Line key={name} indent={7} dim text={`${name.padEnd(25)}${content === '' ? '' : `${content}: `}${refusal}`} />
      ))}
    </>
  );
}
