/** RK48x, RK49x: proving that a system can start, and planning on any machine. */
export const proofErrors = {
  RK480: {
    title: 'There is no mounted system to look at.',
    hint: 'Mount the root file system of the system, its /boot and /boot/efi below, and name that directory with --root.',
  },
  RK481: {
    title: 'The disk of the system was not found.',
    hint: 'Name the disk with --disk, as "lsblk" shows it.',
  },
  RK482: {
    title: 'It is not clear which disk a saved disk would go onto.',
    hint: 'Name each: --target disk0=/dev/sda, or --target disk0=size:500G for a disk that is not here.',
  },
  RK483: {
    title: 'A --target is not understood.',
    hint: 'Write SAVED=DISK: disk0=/dev/sda, disk0=IMAGE or disk0=size:500G.',
  },
} as const;
