import { Choices } from '../components/choices.tsx';
import { Frame } from '../components/frame.tsx';
import { Line } from '../components/line.tsx';
import { type Route, useScreen } from '../context.ts';

const parts: readonly { label: string; note: string; route: Route }[] = [
  {
    label: 'One file system',
    note: 'into an existing partition, also of another type',
    route: { name: 'file-system' },
  },
  {
    label: 'Layout only',
    note: 'partitions and empty file systems; disks are wiped',
    route: { name: 'disks', readOnly: false, only: 'layout' },
  },
  {
    label: 'Files only',
    note: 'into the file systems that are there',
    route: { name: 'disks', readOnly: false, only: 'files' },
  },
  {
    label: 'Boot loader only',
    note: 'files and file systems stay as they are',
    route: { name: 'disks', readOnly: false, only: 'boot-loader' },
  },
];

/** Which part of the machine comes back. Nothing is written before the plan was seen and a name typed. */
export function PartScreen() {
  const { go, glyphs } = useScreen();
  return (
    <Frame
      title={`Restore ${glyphs.dot} which part?`}
      keys={`${glyphs.upDown} choose   Enter go   Esc back   ? help   ! shell`}
    >
      <Line />
      <Line text="What should come back? The plan is shown first, and a name is asked for." />
      <Line />
      <Choices
        choices={parts}
        onChoose={(index) => {
          const part = parts[index];
          if (part) go(part.route);
        }}
        onBack={() => go({ name: 'menu' })}
      />
    </Frame>
  );
}
