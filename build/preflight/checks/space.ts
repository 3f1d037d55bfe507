import { captureWithout } from '../../capture.ts';
import { assertSpace, savedBytes } from '../../space.ts';
import { type Check, type Finding, needsRoot, notChecked, ok } from '../finding.ts';

export const space: Check = {
  id: 'space',
  title: 'Space for the medium while it is made',
  async run({ place, rescueOnly, uid }): Promise<Finding[]> {
    if (place.kind === 'none') return notChecked('Nobody said where it goes: --to iso:FILE');
    if (place.kind === 'refused') throw place.error;
    const { directory } = place.destination;
    const layout = rescueOnly || uid !== 0 ? null : await captureWithout(place.destination).catch(() => null);
    await assertSpace({ work: directory, image: directory, usedBytes: savedBytes(layout) });
    if (rescueOnly || layout !== null) return ok;
    return uid === 0 ? notChecked('How much is to be saved could not be told, see above.') : needsRoot;
  },
};
