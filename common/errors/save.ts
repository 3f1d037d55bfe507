/** RK2xx: while saving a machine and making a medium. */
export const saveErrors = {
  RK201: {
    title: 'This machine cannot be saved yet.',
    hint: 'Install what is named above, then run "rekindle check" again.',
  },
} as const;
