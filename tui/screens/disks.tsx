import { useEffect, useState } from 'react';
import type { DisksAnswer, PartScope, Report } from '../../restore/execute/protocol.ts';
import { contentsOf, holdsNothing, type TargetDisk } from '../../restore/plan/step.ts';
import { refusalOf } from '../client.ts';
import { type Choice, Choices, rowsOfList } from '../components/choices.tsx';
import { diskName } from '../components/disk-name.ts';
import { Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, useRoom } from '../components/line.tsx';
import { Refusal, refusalRows, useWritten } from '../components/refusal.tsx';
import { useScreen } from '../context.ts';
import { stepWords } from './steps.ts';

const partWords = { layout: 'the layout only', files: 'files only', 'boot-loader': 'the boot loader only' } as const;

interface DisksProps {
  readOnly: boolean;
  only: PartScope | undefined;
  /** Steps that led here. */
  before: number;
}

/** Chooses a target for each saved disk, one after the other; then the engine plans. Nothing is written. */
export function DisksScreen({ readOnly, only, before }: DisksProps) {
  const { client, go, glyphs, size } = useScreen();
  const room = useRoom();
  const written = useWritten();
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
      () => go({ name: 'plan', readOnly, step: before + chosen.length + 1 }),
      (error: unknown) => {
        setRefusal(refusalOf(error));
        setTargets([]);
      },
    );
  };
  const refused = (answer?.here ?? []).filter(({ refusal: why }) => why !== null);
  // Some of what is not offered is shown under a long list, too.
  const isPlanning = answer !== null && answer.saved.length > 0 && saved === undefined;
  const count = (answer?.saved.length ?? 0) > 1 ? ` ${targets.length + 1} of ${answer?.saved.length}` : '';
  const saying = saved === undefined ? [] : savedLines(saved, count);
  const refusalHeight = refusal === null ? 0 : refusalRows(refusal, written, room);
  const otherRows = rowsAround + countRows(saying, room) + (refused.length === 0 ? 0 : 5) + refusalHeight;
  const list = saved === undefined ? [] : free.map(choiceOf);
  const left = size.rows - otherRows;
  const leftOver = left + (refused.length === 0 ? 0 : 5) - rowsOfList(list, left, room);
  const what = readOnly ? 'Show the plan' : only === undefined ? 'Restore' : `Restore ${partWords[only]}`;
  const steps = answer === null ? undefined : before + answer.saved.length + 1;
  return (
    <Frame
      title={[`${what} ${glyphs.dot} which disk?`, 'Which disk?']}
      aside={stepWords(before + targets.length + 1, steps)}
      keys={`${glyphs.upDown} disk   Enter choose   Esc back   ? help   ! shell`}
    >
      <Line />
      {!answer && !refusal && <Line text="Looking at the disks of this machine." />}
      <Lines lines={saying} />
      {isPlanning && <Line text="Making the plan." />}
      {saved && free.length === 0 && <Line color="yellow" text="No disk of this machine can take it." />}
      {saved && free.length > 0 && <Line text="Disks in this machine: choose the one to restore onto" />}
      <Choices
        key={targets.length}
        choices={list}
        onChoose={(index) => choose(free[index])}
        onBack={() => go({ name: only === undefined ? 'menu' : 'part' })}
        otherRows={otherRows}
      />
      {refusal && <Refusal report={refusal} />}
      <RefusedDisks disks={refused} rows={leftOver} />
    </Frame>
  );
}

/** Frame, blank lines, the heading of the list, and how many there are in all. */
const rowsAround = 9;

function choiceOf(disk: TargetDisk): Choice {
  const isEmpty = holdsNothing(disk);
  const text = `${isEmpty ? '' : 'holds now: '}${contentsOf(disk)}`;
  return { label: diskName(disk), note: '', more: { text, color: isEmpty ? undefined : 'yellow' } };
}

function savedLines(saved: DisksAnswer['saved'][number], count: string): LineProps[] {
  return [
    { text: `Saved disk${count}` },
    { indent: 7, text: diskName(saved) },
    { indent: 9, text: saved.contents.length === 0 ? 'nothing of it is in the backup' : saved.contents.join(', ') },
    {},
  ];
}

function refusedLines(disk: TargetDisk): LineProps[] {
  return [
    { indent: 7, dim: true, text: diskName(disk) },
    { indent: 9, dim: true, text: disk.refusal ?? '' },
  ];
}

/** The reason stands on its own line: a long model name must not push it off the screen. */
function RefusedDisks({ disks, rows }: { disks: readonly TargetDisk[]; rows: number }) {
  const room = useRoom();
  if (disks.length === 0) return null;
  const heading = (text: string): LineProps[] => [{}, { text }];
  const all = [...heading('Not offered'), ...disks.flatMap(refusedLines)];
  if (countRows(all, room) <= rows) return <Lines lines={all} />;
  const some = heading(`Not offered: ${disks.length}; "lsblk" in the shell shows all disks`);
  for (const [index, disk] of disks.entries()) {
    const next = refusedLines(disk);
    if (index > 0 && countRows([...some, ...next], room) > rows) break;
    some.push(...next);
  }
  return <Lines lines={some} />;
}
