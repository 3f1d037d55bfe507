/** RK1xx: from the kernel's hand-over to the menu. */
export const initErrors = {
  RK101: {
    title: 'A basic file system (proc, sys, dev, run) could not be mounted.',
    hint: 'The kernel lacks it. Make the medium again with a distribution kernel.',
  },
  RK102: {
    title: 'A module that was asked for could not be loaded.',
    hint: 'Check rekindle.modules= on the kernel command line; go on without it if the medium is found.',
  },
  RK103: {
    title: 'The medium was not found.',
    hint: 'Check that the disc or stick is in and readable, then choose retry. Plug a USB stick into another port.',
  },
  RK104: {
    title: 'A Rekindle medium is here, but it is another one.',
    hint: 'Put in the medium that this machine was booted from, then choose retry.',
  },
  RK105: {
    title: 'The rescue system on the medium (rd-base) is damaged or cannot be read.',
    hint: 'Clean the disc or use another copy of the medium, then choose retry. This start of the medium wrote to no disk.',
  },
  RK106: {
    title: 'The rescue system on the medium (rd-base) could not be mounted.',
    hint: 'The kernel may lack squashfs, overlay or loop: load them from the shell, then choose retry.',
  },
  RK107: {
    title: 'The change of root into the rescue system did not work.',
    hint: 'Choose retry. If it fails again, choose shell and read /run/rekindle/rekindle.log: it names the call.',
  },
  RK108: {
    title: 'There is too little memory.',
    hint: 'The menu needs 384 MiB of RAM, a restore 512 MiB. Add memory, or start without rekindle.toram.',
  },
  RK109: {
    title: 'The description of the medium (set.json) cannot be read.',
    hint: 'Use another copy of the medium, then choose retry. This start of the medium wrote to no disk.',
  },
  RK110: {
    title: 'A driver that the medium may need could not be loaded.',
    hint: 'If the medium is not found, make it again where the kernel has this module, or load it from the shell.',
  },
  RK111: {
    title: 'A medium of this set is here, but its rescue system (rd-base) is not the one that was started.',
    hint: 'Put in the medium that this machine was booted from, then choose retry. Unplug what is named, unless you know who made it.',
  },
  RK112: {
    title: 'The initrd does not say which rescue system (rd-base) belongs to it.',
    hint: 'Its end is missing, or it was put together by hand: use another copy of the medium, or make it again with "rekindle create".',
  },
  RK113: {
    title: 'What the initrd says of its rescue system (seal.json) is damaged.',
    hint: 'Use another copy of the medium, or make it again with "rekindle create".',
  },
} as const;
