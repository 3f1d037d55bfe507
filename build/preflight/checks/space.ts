import { RekindleError } from '../../../common/errors/error.ts';
import { captureWithout } from '../../capture.ts';
import { parseDestination } from '../../destination.ts';
import { assertSpace, savedBytes } from '../../space.ts';
import { asProblem, type Check, type Finding, ok } from '../finding.ts';

export const storage: Check = {
  id: 'storage',
  title: 'Disks and file systems that can be saved',
  async run({ to, rescueOnly, uid }) {
    if (rescueOnly || uid !== 0) return ok;
    try {
      const [first] = to;
      const layout = await captureWithout(first === undefined ? null : await parseDestination(first));
      const left = layout.nodes.filter(({ notSaved }) => notSaved !== undefined);
      if (left.length === 0) return ok;
      return [
        {
          level: 'warning',
          what: `Not in the backup: ${left.map(({ id, notSaved }) => `${id} (${notSaved})`).join(', ')}.`,
          fix: 'Save these with another tool; a restore makes the partitions, empty.',
        },
      ];
    } catch (error) {
      return isMissingTool(error) ? ok : asProblem(error);
    }
  },
};

/** The check of the tools names it already, with its package. */
function isMissingTool(error: unknown): boolean {
  return error instanceof RekindleError && error.code === 'RK004';
}

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
      return isMissingTool(error) ? ok : asProblem(error);
    }
  },
};
