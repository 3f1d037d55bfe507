/** RK45x to RK49x: carrying out a restore. */
export const executeErrors = {
  RK451: {
    title: 'The disk is not the one that was chosen.',
    hint: 'Go back, look at the disks again and choose.',
  },
  RK452: {
    title: 'The disk is in use and could not be released.',
    hint: 'Unmount or stop what is named, from the shell, then start again.',
  },
  RK453: {
    title: 'A partition did not appear.',
    hint: 'Look at the log, try "partprobe" from the shell, then start the restore again.',
  },
  RK454: {
    title: 'The target is not mounted as it must be.',
    hint: 'Look at the log. Unmount what is in the way from the shell, then start again.',
  },
  RK455: {
    title: 'The name that was typed is not the name of the target disk.',
    hint: 'Type the name exactly as the plan shows it.',
  },
  RK456: {
    title: 'The plan changed since it was shown.',
    hint: 'Read the plan again.',
  },
  RK457: { title: 'A restore is running already.', hint: 'Watch it, or wait for its end.' },
  RK458: {
    title: 'No usable medium is at hand.',
    hint: 'Put the medium in and start the machine from it again.',
  },
  RK459: {
    title: 'The answer file cannot be used.',
    hint: 'Correct the answer file, or restore from the menu.',
  },
  RK460: {
    title: 'No disk, or more than one, fits the answer file.',
    hint: 'Name the disk by serial or wwn in the answer file, or restore from the menu.',
  },
  RK461: {
    title: 'This set was restored onto this disk already.',
    hint: 'Take the medium out and reboot. To restore again anyway, use the menu.',
  },
  RK462: {
    title: 'An unattended restore needs an answer file here.',
    hint: 'Make the medium with --answer FILE, or restore from the menu.',
  },
  RK463: {
    title: 'The restore was interrupted: the engine was started again.',
    hint: 'Continue where that is offered, or start the restore again from the menu.',
  },
  RK464: {
    title: 'A part of the backup could not be verified before the disk is wiped.',
    hint: "Attach all volumes to check them first, or type the disk's name and the word unverified.",
  },
  RK465: {
    title: 'Files of the backup would be missing.',
    hint: 'Use another copy of the medium; or read in the menu which files are lost, and type what the plan asks for to restore the rest.',
  },
  RK466: {
    title: 'More of the backup is missing than was agreed to.',
    hint: 'Read in the menu which files are lost now, then start again; or use another copy of the medium.',
  },
  RK467: {
    title: 'This restore cannot go on where it stopped.',
    hint: 'Begin again (r): the same is planned once more, the name of the disk is asked for, the disk is rebuilt from the beginning.',
  },
  RK468: {
    title: 'The restore was interrupted: the machine was switched off, restarted, or lost its power.',
    hint: 'Continue where it stopped: the disks are compared first. Or begin again from the menu.',
  },
  RK469: {
    title: 'What was typed is not what leaving this step out asks for.',
    hint: 'Read what is lost without it, then type the words exactly as they are shown.',
  },
  RK470: {
    title: 'This step cannot be left out.',
    hint: 'Remove the cause (shell, log), then continue; or begin again from the menu.',
  },
  RK471: {
    title: 'What was written did not reach the disk.',
    hint: 'Look at the log of the kernel ("dmesg"), check cable and disk, then continue; or restore onto another disk.',
  },
  RK490: {
    title: 'A disk remembers a restore that was interrupted, but nothing proves that it was Rekindle.',
    hint: 'Begin anew (r): then everything comes from the backup. Go on (c) only if you know that this restore was running on this disk.',
  },
  RK491: {
    title: 'What is on the disk is not what this restore made.',
    hint: 'Somebody or something changed the disk meanwhile: begin again (r), it is rebuilt from the beginning.',
  },
} as const;
