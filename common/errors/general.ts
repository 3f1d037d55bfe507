/** RK0xx: anywhere. */
export const generalErrors = {
  RK001: {
    title: 'Rekindle met something it did not foresee. This is a bug in Rekindle.',
    hint: 'Keep the log (/run/rekindle/rekindle.log on the medium, /var/log/rekindle on a machine) and report it.',
  },
  RK002: { title: 'This needs root.', hint: 'Run it again with sudo, or as root.' },
  RK003: { title: 'An outside tool failed.', hint: 'Read what it said, remove the cause, then run the command again.' },
  RK004: {
    title: 'An outside tool is missing.',
    hint: 'Install it; "rekindle check" names the package. On a recovery medium: make the medium again on a machine that has it.',
  },
  RK005: { title: 'The command line is not understood.', hint: 'See "rekindle --help".' },
  RK006: { title: 'Stopped on request.', hint: 'Run it again to begin anew.' },
  RK007: { title: 'A file does not have the form it must have.', hint: 'Correct the named place in the file.' },
  RK008: {
    title: 'An outside tool cannot be started.',
    hint: 'See that it may be executed (ls -l, mount option noexec), and reinstall its package: its interpreter or loader may be missing.',
  },
  RK009: {
    title: 'What was named is not there, or is nothing of the kind that is needed.',
    hint: 'Look at what is there: a file with "ls -ld", a disk with "lsblk".',
  },
} as const;
