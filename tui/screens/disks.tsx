import { Fragment, useEffect, useState } from 'react';
import { formatBytes } from '../../common/format.ts';
import type { DisksAnswer, PartScope, Report } from '../../restore/execute/protocol.ts';
import type { TargetDisk } from '../../restore/plan/step.ts';
import { refusalOf } from '../client.ts';
import { type Choice, Choices, pageOf } from '../components/choices.tsx';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useScreen } from '../context.ts';

const partWords = { layout: 'the layout only', files: 'files only', 'boot-loader': 'the boot loader only' } as const;

function nameOf(disk: { name: string; model: string; serial: string | null; sizeBytes: number }): string {
  return `${disk.name}  ${disk.model || 'no model'}  serial ${disk.serial ?? 'none'}  ${formatBytes(disk.sizeBytes)}`;
}

/** Chooses a target for each saved disk, one after the other; then the engine plans. Nothing is written. */
export function DisksScreen({ readOnly, only }: { readOnly: boolean; only?: PartScope | undefined }) {
  const { client, go, glyphs, size } = useScreen();
  const [answer, setAnswer] = useState<DisksAnswer | null>(null);
  const [refusal, setRefusal] = useState<Report | null>(null);
  const [targets, setTargets] = useState<{ source: string; disk: string }[]>([]);
  useEffect(() => {
    // What the set builds on is asked for now; this screen comes back when it is here, or was given up.
    client.ask({ command: 'find-sets' }).catch((error: unknown) => setRefusal(refusalOf(error)));
    client.ask({ command: 'disks' }).then(
      (reply) => setAnswer(reply.disks ?? null),
      (error: unknown) => setRefusal(refusalOf(error)),
    );
  }, [client]);
  const taken = new Set(targets.map(({ disk }) => disk));
  const free = (answer?.here ?? []).filter(({ refusal: why, path }) => why === null && !taken.has(path));
  const saved = answer?.saved[targets.length];
  const choose = (disk: TargetDisk | undefined): void => {
    if (!disk || !saved || !answer) return;
    const chosen = [...targets, { source: saved.id, disk: disk.path }];
    setTargets(chosen);
    setRefusal(null);
    if (chosen.length < answer.saved.length) return;
    client.ask({ command: 'plan', targets: chosen, ...(only === undefined ? {} : { part: { only } }) }).then(
      () => go({ name: 'plan', readOnly }),
      (error: unknown) => {
        setRefusal(refusalOf(error));
        setTargets([]);
      },
    );
  };
  const refused = (answer?.here ?? []).filter(({ refusal: why }) => why !== null);
  // Some of what is not offered is shown under a long list, too.
  const otherRows = rowsAround + (refused.length === 0 ? 0 : 4) + (refusal === null ? 0 : rowsOfRefusal);
  const list = free.map(choiceOf);
  const rowsOfList = 2 * Math.min(list.length, pageOf(list, size.rows - otherRows)) + 1;
  return (
    <Frame
      title={`${readOnly ? 'Show the plan' : only === undefined ? 'Restore' : `Restore ${partWords[only]}`} ${glyphs.dot} which disk?`}
      aside="step 1 of 4"
      keys={`${glyphs.upDown} disk   Enter choose   Esc back   ? help   ! shell`}
    >
      <Line />
      {!answer && !refusal && <Line text="Looking at the disks of this machine." />}
      {saved && <SavedDisk saved={saved} />}
      {answer && free.length === 0 && <Line color="yellow" text="No disk of this machine can take it." />}
      {free.length > 0 && <Line text="Disks in this machine: choose the one to restore onto" />}
      <Choices
        key={targets.length}
        choices={list}
        onChoose={(index) => choose(free[index])}
        onBack={() => go({ name: only === undefined ? 'menu' : 'part' })}
        otherRows={otherRows}
      />
      {refusal && <Refusal report={refusal} />}
      <RefusedDisks disks={refused} rows={size.rows - otherRows - rowsOfList + 4} />
    </Frame>
  );
}

/** Frame, saved disk, headings, and how many there are in all. */
const rowsAround = 12;
const rowsOfRefusal = 7;

function choiceOf(disk: TargetDisk): Choice {
  const isEmpty = disk.contents.length === 0;
  const text = isEmpty ? 'empty' : `holds now: ${disk.contents.join(', ')}`;
  return { label: nameOf(disk), note: '', more: { text, color: isEmpty ? undefined : 'yellow' } };
}

function SavedDisk({ saved }: { saved: DisksAnswer['saved'][number] }) {
  return (
    <>
      <Line text="Saved disk" />
      <Line indent={7} text={nameOf(saved)} />
      <Line indent={9} text={saved.contents.join(', ')} />
      <Line />
    </>
  );
}

/** The reason stands on its own line: a long model name must not push it off the screen. */
function RefusedDisks({ disks, rows }: { disks: readonly TargetDisk[]; rows: number }) {
  if (disks.length === 0) return null;
  const all = disks.length * 2 + 2 <= rows;
  const shown = all ? disks : disks.slice(0, Math.max(1, Math.floor((rows - 3) / 2)));
  return (
    <>
      <Line />
      <Line text={all ? 'Not offered' : `Not offered: ${disks.length}; "lsblk" in the shell shows all disks`} />
      {shown.map((disk) => (
        <Fragment key={disk.path}>
          <Line indent={7} dim text={nameOf(disk)} />
          <Line indent={9} dim text={disk.refusal ?? ''} />
        </Fragment>
      ))}
    </>
  );
}
