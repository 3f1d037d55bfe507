import { neededTools } from '../../rescue/tools.ts';
import type { Check } from '../finding.ts';
import { missingFinding, missingTools } from './missing.ts';

/** What `create` itself calls, beyond what the rescue system takes along. */
const called = ['xorriso', 'mksquashfs', 'unshare'];
const archiving = ['tar', 'zstd'];

export const tools: Check = {
  id: 'tools',
  title: 'Tools that make the medium, and that a restore needs on it',
  async run(context) {
    const wanted = [...called, ...archiving, ...neededTools];
    // Restoring an EFI system partition and its boot entry takes these two.
    if (context.firmware === 'uefi') wanted.push('mkfs.fat', 'efibootmgr');
    return missingFinding(context, 'problem', await missingTools([...new Set(wanted)]), '');
  },
};
