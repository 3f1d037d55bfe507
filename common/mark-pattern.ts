/** The mark of a process (`build/process-mark.ts`) in the names of what belongs to it, for regular expressions: one group. */
export const markPattern = '([0-9a-f]{12}\\.[0-9a-f]{8}\\.[0-9a-f]{8}\\.\\d+\\.\\d+)';
