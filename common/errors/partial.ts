/** RK485 to RK489: restoring a part of a machine. */
export const partialErrors = {
  RK485: {
    title: 'There is not enough room on the device.',
    hint: 'Choose a larger device, or make the partition larger.',
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
    title: 'The passphrase does not open the device.',
    hint: 'Type it again; mind the keyboard layout. A new passphrase is only chosen when the encryption is made anew: restore the whole machine, or "Layout only".',
  },
  RK489: {
    title: 'The set holds no such file system.',
    hint: 'Name one by its mount point or its id: the reason lists them.',
  },
} as const;
