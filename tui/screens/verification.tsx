import type { EngineState } from '../../restore/execute/protocol.ts';
import { bar } from '../components/bar.ts';
import { Line } from '../components/line.tsx';
import { useScreen } from '../context.ts';

const open = 'the medium was checked: every byte is as it was written';
const closed = 'checked without its key: every file is as it was written, as it lies there';

/** The menu below it must stay on the screen; all of them are in the log. */
const damageShown = 3;

function someOf(damage: readonly string[]): string {
  const more = damage.length - damageShown;
  return `${damage.slice(0, damageShown).join('; ')}${more > 0 ? `; and ${more} more (see Logs)` : ''}`;
}

/** How far the check of the whole medium is, and what it found. */
export function Verification({ verification }: { verification: EngineState['verification'] }) {
  const { glyphs } = useScreen();
  const share = verification.bytesTotal > 0 ? verification.bytesDone / verification.bytesTotal : 0;
  switch (verification.status) {
    case 'idle':
      return <Line indent={5} text="the medium was not checked yet" />;
    case 'deferred':
      return <Line indent={5} text="little memory: the medium is checked when a restore begins" />;
    case 'running':
      return (
        <Line
          indent={5}
          text={`checking the medium ${bar(share, 20, glyphs)} ${Math.floor(share * 100)}%, no damage so far`}
        />
      );
    case 'intact':
      return <Line indent={5} color="green" text={verification.onlyCiphertext ? closed : open} />;
    case 'damaged':
      return <Line indent={5} color="red" text={`THE MEDIUM IS DAMAGED: ${someOf(verification.damage)}`} />;
  }
}
