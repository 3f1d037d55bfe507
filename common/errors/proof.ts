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
} as const;
