import type { Check } from '../finding.ts';
import { programsFor } from '../programs.ts';
import { missingFinding, missingTools } from './missing.ts';

export const tools: Check = {
  id: 'tools',
  title: 'Tools that make the medium, and that a restore needs on it',
  async run(context) {
    return missingFinding(context, 'problem', await missingTools(programsFor(context)), '');
  },
};
