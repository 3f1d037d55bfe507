/** RK495 to RK499: what the running system refused, or a program on this machine. */
export const systemErrors = {
  RK496: {
    title: "A program's request to the engine cannot be read.",
    hint: 'Use the menu of this medium; a program of another version speaks otherwise.',
  },
} as const;
