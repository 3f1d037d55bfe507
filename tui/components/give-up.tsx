import { type EngineState, withoutFiles } from '../../restore/execute/protocol.ts';
import { Line, Lines } from './line.tsx';

const shownFiles = 5;

/** What giving a volume up means: for a running restore the files that it costs, counted. */
export function GiveUp({ state, typed }: { state: EngineState; typed: string }) {
  const { wanted, salvage } = state;
  if (!wanted?.restoring)
    return (
      <Line bold color="red" indent={3} text="Without it this backup cannot be restored. Sure? y or any other key" />
    );
  if (salvage === null || salvage.status === 'counting')
    return <Line indent={3} text="Counting what that would cost." />;
  if (salvage.status === 'impossible')
    return (
      <>
        <Line color="red" indent={3} text={`The restore cannot go on without it: ${salvage.reason}.`} />
        <Line bold color="red" indent={3} text="It stops, and the disk stays incomplete. Sure? y or any other key" />
      </>
    );
  return (
    <>
      <Line bold color="red" indent={3} text={`These would be lost (${withoutFiles(salvage.files)}):`} />
      <Lines indent={5} lines={salvage.first.slice(0, shownFiles)} />
      {salvage.files > shownFiles && <Line indent={5} text={`and ${salvage.files - shownFiles} more`} />}
      <Line indent={3} text={`The whole list: less ${salvage.listFile} (from the shell, Ctrl-L comes back)`} />
      <Line bold indent={3} text={`Type "${withoutFiles(salvage.files)}" and Enter to go on: ${typed}_`} />
    </>
  );
}
