/** RK485 to RK489: restoring a part of a machine. */
export const partialErrors = {
  RK485: {
    title: 'There is not enough room on the device.',
    hint: 'Choose a larger device, or make the partition larger. Nothing was written.',
  },
  RK486: {
    title: 'The file systems to restore into are not there.',
    hint: 'Make them first: "Restore a part", "Layout only" in the menu, or by hand (docs/by-hand.md, steps 3 and 4). Or restore the whole machine.',
  },
  RK487: {
    title: 'This file system cannot be restored in that way.',
    hint: 'Choose another device or type, or have the file system made anew as it was (--make).',
  },
  RK488: {
    title: 'Files only and boot loader only cannot open arrays, encryption or volume groups yet.',
    hint: 'Restore the whole machine; or open them from the shell (mdadm --assemble, cryptsetup open, vgchange -ay), then restore one file system after the other, or go on by hand (docs/by-hand.md, from step 5).',
  },
  RK489: {
    title: 'The set holds no such file system.',
    hint: 'Name one by its mount point or its id, as the cause lists them.',
  },
} as const;
