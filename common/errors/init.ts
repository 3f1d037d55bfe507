/** RK1xx: from the kernel's hand-over to the menu. */
export const initErrors = {
  RK101: {
    title: 'A basic file system (proc, sys, dev, run) could not be mounted.',
    hint: 'The kernel lacks it. Make the medium again with a distribution kernel.',
  },
} as const;
