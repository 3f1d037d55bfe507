import { type Check, verdictOfAll } from '../check.ts';
import { readMdadm } from '../read/mdadm.ts';
import { uuidDigits } from '../reference/arrays.ts';

/**
 * What mdadm.conf says of arrays. Udev puts an array together without a line of its own, unless 'AUTO -all' forbids it; a line for an
 * array that is not there stops nothing (mdadm.conf(5)). What stands on an array is looked up by the tables that name it.
 */
export const mdadm: Check = {
  id: 'mdadm',
  title: 'every array in mdadm.conf exists',
  stopsBoot: true,
  run({ root, devices }) {
    const { place, arrays, onlyNamed } = readMdadm(root);
    const members = devices.filter(({ content }) => content === 'linux_raid_member');
    if (arrays.length === 0 && members.length === 0) return null;
    const isHere = (uuid: string): boolean =>
      members.some((member) => uuidDigits(member.uuid ?? '') === uuidDigits(uuid));
    const named = new Set(arrays.flatMap(({ uuid }) => (uuid === null ? [] : [uuidDigits(uuid)])));
    const absent = arrays.filter(({ uuid, ignored }) => uuid !== null && !ignored && !isHere(uuid));
    const unnamed = members.filter(({ uuid }) => !named.has(uuidDigits(uuid ?? '')));
    const places = unnamed.map(({ path }) => path).join(', ');
    const isLeftAlone = onlyNamed && unnamed.length > 0;
    return verdictOfAll(
      {
        problems: isLeftAlone ? [`the array on ${places} is not named, and AUTO -all leaves such arrays alone`] : [],
        unknown: absent.map(
          ({ name, uuid }) => `${name ?? 'an array'}: no restored disk holds a part of array ${uuid}, another disk may`,
        ),
        notes: unnamed.length > 0 && !isLeftAlone ? [`not named: the array on ${places}`] : [],
      },
      {
        hint: 'Write the arrays that there are into mdadm.conf ("mdadm --detail --scan"), then make the initramfs again.',
        good: `${arrays.length} arrays of ${place ?? 'mdadm.conf'} were looked up`,
        unknownHint:
          'The machine starts without such an array unless /etc/fstab needs it: attach its disks, or take its line out of mdadm.conf.',
      },
    );
  },
};
