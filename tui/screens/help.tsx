import { Frame } from '../components/frame.tsx';
import { Line, Lines } from '../components/line.tsx';
import { type Route, useEngineState, useKeys, useScreen } from '../context.ts';

/** Where the medium has them (build/rescue/manuals.ts). */
const manuals = '/usr/share/doc/rekindle';

const texts: Record<Route['name'] | 'progress', readonly string[]> = {
  menu: [
    'Restore this machine rebuilds the saved machine on a disk that you choose.',
    "You see the disk, then the plan, then you type the disk's name.",
    'Before that nothing is written to any disk.',
    '',
    'Shell gives you all tools: sfdisk, mount, fsck, tar, ssh. "exit" comes back here.',
  ],
  part: [
    'One file system goes into a partition that is there: over what is on it, or made anew.',
    'Layout, files and boot loader are the whole restore in three parts, one after the other.',
  ],
  'file-system': [
    'Kept: files of the backup overwrite those of the same names, others stay.',
    "Made anew: all that is on the device is lost. You type the device's name before that.",
  ],
  'after-part': ['A part of the machine is back. Restore another part, or reboot.'],
  disks: [
    'Compare model, serial and size with the label on the disk.',
    'Disks that cannot be a target are listed with the reason.',
  ],
  plan: [
    'Each line is one step, in order. What is lost stands in red.',
    'Type the name of the target disk, then Enter. Esc goes back: nothing is written.',
  ],
  sizes: [
    'Choose a file system, type its new size, then Enter: the plan is made anew. Nothing is written.',
    'It must hold what is in the backup and a margin; boot partitions keep their size.',
  ],
  logs: ['The whole log is in /run/rekindle/rekindle.log; after a restore also on the machine.'],
  losses: [
    'The medium is damaged. Everything but the listed files can be restored.',
    'Nothing is written before you chose a disk and typed what the plan asks for.',
  ],
  trust: ['A set from elsewhere must be signed by a key that is on this medium, or be let in by you.'],
  unlock: ['The passphrase goes to the engine only. It is in no log and in no journal.'],
  continue: [
    'c goes on where the restore stopped. After a new start of the machine encrypted devices',
    'are opened with the passphrases that were chosen for them.',
  ],
  power: ['y carries it out. Everything is written to the disks first.'],
  progress: ['The restore goes on without a screen: you may close this line or this window.'],
  help: [],
  'after-failure': ['The last restore stopped; its target disk is incomplete. Restore again, or look at the log.'],
};

export function HelpScreen({ back }: { back: Route }) {
  const { go } = useScreen();
  const restoring = useEngineState()?.phase === 'restoring';
  useKeys(() => go(back));
  return (
    <Frame title="Help" keys="any key goes back">
      <Line />
      <Lines lines={texts[restoring ? 'progress' : back.name]} />
      <Line />
      <Line text="! opens a shell everywhere, Ctrl-L draws the screen again." />
      <Line text={`Codes in brackets, like [RK301], are explained in ${manuals}/errors.md.`} />
      <Line text={`Without a menu: ${manuals}/by-hand.md restores with standard tools only.`} />
    </Frame>
  );
}
