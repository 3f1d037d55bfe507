/** RK4xx: planning and carrying out a restore. */
export const restoreErrors = {
  RK401: { title: 'The target disk is too small.', hint: 'Choose a disk at least as large as the saved one.' },
} as const;
