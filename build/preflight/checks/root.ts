import { type Check, ok } from '../finding.ts';

export const root: Check = {
  id: 'root',
  title: 'Run by root',
  async run({ uid }) {
    if (uid === 0) return ok;
    return [
      {
        level: 'problem',
        what: 'create reads every file and every disk: it needs root. Some checks were left out.',
        fix: 'sudo rekindle check',
      },
    ];
  },
};
