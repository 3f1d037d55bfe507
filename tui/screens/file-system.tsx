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
import { diskName } from '../components/disk-name.ts';
import { Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, useRoom } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useScreen } from '../context.ts';
import { stepWords } from './steps.ts';

const noFileSystem = 'no file system was found on it';

function describeSaved({ type, bytes, files }: SavedFileSystem): string {
  return `${type.padEnd(6)} ${formatBytes(bytes).padStart(8)}, ${formatCount(files)} files`;
}

function choiceOf(device: DeviceHere): Choice {
  const disks = device.disks.map((disk) => `on ${diskName(disk)}`);
  const holds = device.content === '' ? noFileSystem : `holds ${device.content}`;
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
  const lost = device.content === '' ? noFileSystem : `all that is on ${device.name} is lost`;
  const others = freshTypeNames.filter((name) => name !== type);
  return [
    ...(device.type === null ? [] : [keep]),
    { label: 'Make it anew as it was', note: `${type}; ${lost}`, make: 'same' },
    ...others.map((name) => ({
      label: `Make it anew as ${name}`,
      note: lost,
      make: name,
    })),
  ];
}

/** Which one, into which device, how, and the plan. */
const steps = 4;

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
      () => go({ name: 'plan', readOnly: false, step: steps }),
      (error: unknown) => setRefusal(refusalOf(error)),
    );
  };
  const step = saved === null ? 1 : device === null ? 2 : 3;
  const question = saved === null ? 'which file system?' : device === null ? 'into which device?' : 'how?';
  return (
    <Frame
      title={[`Restore one file system ${glyphs.dot} ${question}`, `Restore ${glyphs.dot} ${question}`, question]}
      aside={stepWords(step, steps)}
      keys={`${glyphs.upDown} choose   Enter go   Esc back   ? help   ! shell`}
    >
      <Line />
      {!answer && !refusal && <Line text="Looking at the devices of this machine." />}
      {saved && <Line hanging={11} text={`Saved      ${saved.name}  ${describeSaved(saved)}`} />}
      {device && <Line hanging={11} text={`Goes into  ${device.name}  ${choiceOf(device).note}`} />}
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
  const room = useRoom();
  const free = devices.filter(({ refusal }) => refusal === null);
  const refused = refusedLines(devices.filter(({ refusal }) => refusal !== null));
  // Why a device is missing can be read under a long list, too.
  const kept = Math.min(countRows(refused, room), rowsOfRefused);
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
        otherRows={rowsAround + kept}
      />
      <Lines lines={refused} />
    </>
  );
}

/** Frame, blank lines, what was chosen, how many there are in all. */
const rowsAround = 10;
const rowsOfRefused = 6;

function refusedLines(devices: readonly DeviceHere[]): LineProps[] {
  if (devices.length === 0) return [];
  const lines = devices.map(({ name, content, refusal }): LineProps => {
    const what = content === '' ? '' : `${content}: `;
    return { indent: 7, dim: true, text: `${name.padEnd(23)}  ${what}${refusal}` };
  });
  return [{ text: 'Not offered' }, ...lines];
}
