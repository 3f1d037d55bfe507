import { RekindleError } from '../../../common/errors/error.ts';
import { LibraryFinder } from '../../rescue/libraries.ts';
import { type Check, ok } from '../finding.ts';
import { missingFinding } from './missing.ts';

/** The executable carries libatomic along where it was installed from our package; elsewhere the machine must have it. */
export const libraries: Check = {
  id: 'libraries',
  title: "The executable's own libraries",
  async run(context) {
    try {
      await (await LibraryFinder.create()).closure(context.executable);
      return ok;
    } catch (error) {
      if (error instanceof RekindleError && /libatomic/.test(error.reason))
        return missingFinding(context, 'problem', ['libatomic'], 'The medium would not start.');
      throw error;
    }
  },
};
