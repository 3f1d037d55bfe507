import { Fragment, useEffect, useState } from 'react';
import { formatBytes } from '../../common/format.ts';
import type { DisksAnswer, PartScope, Report } from '../../restore/execute/protocol.ts';
import type { TargetDisk } from '../../restore/plan/step.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useKeys, useScreen } from '../context.ts';

const partWords = { layout: 'the layout only', files: 'files only', 'boot-loader': 'the boot loader only' } as const;

function nameOf(disk: { name: string; model: string; serial: string | null; sizeBytes: number }): string {
  return `${disk.name}  ${disk.model || 'no model'}  serial ${disk.serial ?? 'none'}  ${formatBytes(disk.sizeBytes)}`;
}

/** Chooses a target for each saved disk, one after the other; then the engine plans. Nothing is written. */
export function DisksScreen({ readOnly, only }: { readOnly: boolean; only?: PartScope | undefined }) {
  const { client, go, glyphs } = useScreen();
  const [answer, setAnswer] = useState<DisksAnswer | null>(null);
  const [refusal, setRefusal] = useState<Report | null>(null);
  const [targets, setTargets] = useState<{ source: string; disk: string }[]>([]);
  const [cursor, setCursor] = useState(0);
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
    setCursor(0);
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
  useKeys((input, key) => {
    if (key.escape) go({ name: only === undefined ? 'menu' : 'part' });
    else if (key.upArrow || input === 'k') setCursor(Math.max(0, cursor - 1));
    else if (key.downArrow || key.tab || input === 'j') setCursor(Math.min(free.length - 1, cursor + 1));
    else if (key.return) choose(free[cursor]);
    else if (/^[1-9]$/.test(input)) choose(free[Number(input) - 1]);
  });
  return (
    <Frame
      title={`${readOnly ? 'Show the plan' : only === undefined ? 'Restore' : `Restore ${partWords[only]}`} ${glyphs.dot} which disk?`}
      aside="step 1 of 4"
      keys={`${glyphs.upDown} disk   Enter choose   Esc back   ? help   ! shell`}
    >
      <Line />
      {!answer && !refusal && <Line text="Looking at the disks of this machine." />}
      {saved && <SavedDisk saved={saved} />}
      {answer && <FreeDisks disks={free} cursor={cursor} />}
      {refusal && <Refusal report={refusal} />}
      {answer && <RefusedDisks disks={answer.here.filter(({ refusal: why }) => why !== null)} />}
    </Frame>
  );
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

function FreeDisks({ disks, cursor }: { disks: readonly TargetDisk[]; cursor: number }) {
  const { glyphs } = useScreen();
  if (disks.length === 0) return <Line color="yellow" text="No disk of this machine can take it." />;
  return (
    <>
      <Line text="Disks in this machine: choose the one to restore onto" />
      {disks.map((disk, index) => (
        <Fragment key={disk.path}>
          <Line
            indent={3}
            bold={index === cursor}
            text={`${index === cursor ? glyphs.pointer : ' '} ${index + 1} ${nameOf(disk)}`}
          />
          <Line
            indent={9}
            color={disk.contents.length > 0 ? 'yellow' : undefined}
            text={disk.contents.length > 0 ? `holds now: ${disk.contents.join(', ')}` : 'empty'}
          />
        </Fragment>
      ))}
    </>
  );
}

/** The reason stands on its own line: a long model name must not push it off the screen. */
function RefusedDisks({ disks }: { disks: readonly TargetDisk[] }) {
  if (disks.length === 0) return null;
  return (
    <>
      <Line />
      <Line text="Not offered" />
      {disks.map((disk) => (
        <Fragment key={disk.path}>
          <Line indent={7} dim text={nameOf(disk)} />
          <Line indent={9} dim text={disk.refusal ?? ''} />
        </Fragment>
      ))}
    </>
  );
}
