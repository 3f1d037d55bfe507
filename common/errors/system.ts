/** RK495 to RK499: what the running system refused, or a program on this machine. */
export const systemErrors = {
  RK495: {
    title: 'The system refused a file, a device or a connection.',
    hint: 'Remove the cause that is named, then run it again.',
  },
  RK498: {
    title: 'A file, a folder or a device cannot be opened.',
    hint: 'See that the name is spelled right, what is there, and who may read it (ls -ld).',
  },
  RK496: {
    title: "A program's request to the engine cannot be read.",
    hint: 'Use the menu of this medium; a program of another version speaks otherwise.',
  },
  RK497: {
    title: 'The engine does not answer.',
    hint: 'Try again in a moment. If it stays so, open a shell (!) and read /run/rekindle/rekindle.log.',
  },
} as const;
