import { RekindleError } from '../../../common/errors/error.ts';
import { captureWithout } from '../../capture.ts';
import { parseDestination } from '../../destination.ts';
import { assertSpace, savedBytes } from '../../space.ts';
import { asProblem, type Check, type Finding, ok } from '../finding.ts';

export const space: Check = {
  id: 'space',
  title: 'Space for the medium while it is made',
  async run({ to, rescueOnly, uid }): Promise<Finding[]> {
    try {
      for (const text of to) {
        const destination = await parseDestination(text);
        const layout = rescueOnly || uid !== 0 ? null : await captureWithout(destination).catch(() => null);
        await assertSpace({ work: destination.directory, image: destination.directory, usedBytes: savedBytes(layout) });
      }
      return ok;
    } catch (error) {
      // The checks of tools and storage name it, with its package.
      return error instanceof RekindleError && error.code === 'RK004' ? ok : asProblem(error);
    }
  },
};
