import { useEffect, useState } from 'react';
import { formatBytes } from '../../common/format.ts';
import { type EngineState, withoutFiles } from '../../restore/execute/protocol.ts';
import { choiceText } from '../components/choices.tsx';
import { Frame } from '../components/frame.tsx';
import { Line, type LineProps } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { describeSignature } from '../components/signature.ts';
import { type Route, useConnected, useKeys, useScreen } from '../context.ts';
import { menuTitles } from './menu-title.ts';
import { Verification } from './verification.tsx';

interface Entry {
  label: string;
  note: string;
  /** 'not-yet': there for its place in the list, so that no key changes its meaning when the set was read. */
  route: Route | 'shell' | 'not-yet';
}

const always: readonly Entry[] = [
  { label: 'Logs', note: 'what happened so far', route: { name: 'logs' } },
  { label: 'Reboot', note: '', route: { name: 'power', action: 'reboot' } },
  { label: 'Power off', note: '', route: { name: 'power', action: 'poweroff' } },
];

const restoreLabel = 'Restore this machine';

/** Only what works here: a medium without a backup offers no restore. */
function entriesOf(state: EngineState): Entry[] {
  const starting = state.phase === 'starting';
  const restorable = starting || (state.set?.hasBackup === true && state.problem?.code !== 'RK302');
  const restore: Entry[] = [
    restoreEntry(state),
    {
      label: 'Show the plan',
      note: 'what a restore would do; nothing is written',
      route: starting ? 'not-yet' : { name: 'disks', readOnly: true },
    },
  ];
  const part: Entry = {
    label: 'Restore a part',
    note: 'one file system, or layout, files, boot loader',
    route: starting ? 'not-yet' : { name: 'part' },
  };
  const [first, plan] = restore;
  const shell: Entry = { label: 'Shell', note: 'tools, repair, rescue by hand', route: 'shell' };
  const unlock: Entry = { label: 'Unlock the backup', note: 'passphrase or key', route: { name: 'unlock' } };
  const trust: Entry = {
    label: 'Use it anyway',
    note: 'the refused set; shows the reason first',
    route: { name: 'trust' },
  };
  const others = [...(state.untrusted === null ? [] : [trust]), ...always];
  if (state.locked) return [unlock, shell, ...others];
  return [...(restorable && first ? [first, part] : []), shell, ...(restorable && plan ? [plan] : []), ...others];
}

/** A damaged backup is never restored by pressing what one always presses. */
function restoreEntry({ salvage, phase }: EngineState): Entry {
  if (phase === 'starting')
    return { label: restoreLabel, note: 'in a moment: the medium is being read', route: 'not-yet' };
  if (salvage?.status !== 'possible')
    return {
      label: restoreLabel,
      note: 'same hardware, or a new disk',
      route: { name: 'disks', readOnly: false },
    };
  return {
    label: `Restore ${withoutFiles(salvage.files)}`,
    note: 'the backup is damaged; lists them first',
    route: { name: 'losses' },
  };
}

/** The list's choice, by name: entries come and go when the set was read, and the choice stays where it was. */
function useChoice(entries: Entry[], open: (entry: Entry) => void): { chosen: number; waiting: string | null } {
  const { kept } = useScreen();
  const [label, setLabel] = useState(kept.choice);
  const [waiting, setWaiting] = useState(kept.waiting);
  Object.assign(kept, { choice: label, waiting });
  const found = entries.findIndex((entry) => entry.label === label);
  const chosen = Math.max(0, found);
  const move = (by: number): void => setLabel(entries[(chosen + entries.length + by) % entries.length]?.label ?? null);
  const take = (entry: Entry | undefined): void => {
    setWaiting(entry?.route === 'not-yet' ? entry.label : null);
    if (!entry) return;
    setLabel(entry.label);
    if (entry.route !== 'not-yet') open(entry);
  };
  const wanted = entries.find((entry) => entry.label === waiting);
  useEffect(() => {
    if (waiting === null || wanted?.route === 'not-yet') return;
    setWaiting(null);
    if (wanted) open(wanted);
  });
  useKeys((input, key) => {
    if (key.upArrow || input === 'k') move(-1);
    else if (key.downArrow || key.tab || input === 'j') move(1);
    else if (key.return) take(entries[chosen]);
    else if (/^[1-9]$/.test(input)) take(entries[Number(input) - 1]);
  });
  return { chosen, waiting };
}

export function MainMenu({ state }: { state: EngineState }) {
  const { glyphs, go, openShell, clock } = useScreen();
  const connected = useConnected();
  const entries = entriesOf(state);
  const { chosen, waiting } = useChoice(entries, ({ route }) => {
    if (route === 'shell') openShell();
    else if (route !== 'not-yet') go(route);
  });
  const choices = entries.map(({ label, note }, index): LineProps => {
    const pointer = index === chosen ? glyphs.pointer : ' ';
    const words = label === waiting ? 'opens as soon as the medium is read' : note;
    return {
      indent: 3,
      hanging: 7,
      bold: index === chosen,
      text: choiceText(pointer, `${index + 1}`, label, words),
    };
  });
  return (
    <Frame
      title={menuTitles(state, clock(), glyphs.dot)}
      keys={`${glyphs.upDown} choose   Enter go   ? help   ! shell`}
      pinned={[{}, ...choices]}
    >
      <Line />
      <MediumSummary state={state} />
      {!connected && state.phase !== 'starting' && (
        <Line color="yellow" text="The engine was restarted; waiting for it." />
      )}
      {state.problem && <Refusal report={state.problem} />}
    </Frame>
  );
}

function MediumSummary({ state }: { state: EngineState }) {
  const set = state.set;
  if (!set)
    return (
      <Line
        text={state.phase === 'starting' ? 'Reading the medium. The shell works already.' : 'No recovery set at hand.'}
      />
    );
  const disks = `${set.diskCount} ${set.diskCount === 1 ? 'disk' : 'disks'}`;
  const { machine } = set;
  if (!set.hasBackup)
    return <Line text={`A rescue medium without a backup, made on ${machine.hostname} (${machine.os}).`} />;
  return (
    <>
      <Line text="This medium can bring back" />
      <Line />
      <Line indent={5} text={`${machine.hostname}   ${machine.os}, kernel ${machine.kernel}`} />
      <Line
        indent={5}
        text={`${state.locked ? 'ENCRYPTED, ' : ''}${machine.firmware.toUpperCase()}, ${disks}, ${formatBytes(set.sizeBytes)} packed`}
      />
      <Verification verification={state.verification} />
      {describeSignature(set.signature).map((text) => (
        <Line key={text} indent={5} color={set.signature.kind === 'changed' ? 'red' : undefined} text={text} />
      ))}
      {state.salvage?.status === 'counting' && <Line indent={5} text="Counting which files are lost." />}
      {state.salvage?.status === 'impossible' && (
        <Line indent={5} color="red" text={`It cannot be restored: ${state.salvage.reason}.`} />
      )}
      <Chain chain={state.chain} />
    </>
  );
}

/** A set that holds changes only needs others: which, and whether they are here. */
function Chain({ chain }: { chain: EngineState['chain'] }) {
  if (chain.length < 2) return null;
  return (
    <>
      <Line indent={5} text="It holds changes only. A restore takes these sets, one after the other:" />
      {chain.map(({ set, name, here, locked }) => (
        <Line
          key={set}
          indent={7}
          color={here ? undefined : 'yellow'}
          text={`${name}${here ? (locked ? ' (encrypted)' : '') : ': not here, asked for later'}`}
        />
      ))}
    </>
  );
}
