import { type Check, verdictOf } from '../check.ts';

/** 'a1b2:c3d4:...' of mdadm and 'a1b2c3d4-...' of blkid are the same 16 bytes. */
const digits = (text: string): string => text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();

export const mdadm: Check = {
  id: 'mdadm',
  title: 'every array in mdadm.conf exists',
  stopsBoot: true,
  run({ root, devices }) {
    const place = root.firstFile(['/etc/mdadm/mdadm.conf', '/etc/mdadm.conf']);
    const text = place === null ? '' : (root.text(place) ?? '');
    const arrays = text
      .replaceAll(/\n[ \t]+/g, ' ')
      .split('\n')
      .filter((line) => /^ARRAY\b/i.test(line));
    const members = devices.filter(({ content }) => content === 'linux_raid_member');
    if (arrays.length === 0 && members.length === 0) return null;
    const problems: string[] = [];
    const notes: string[] = [];
    const named = new Set<string>();
    for (const line of arrays) {
      const [, name = '?'] = line.split(/\s+/);
      const uuid = /\buuid=([0-9a-f:.-]+)/i.exec(line)?.[1];
      if (uuid === undefined || name === '<ignore>') continue;
      named.add(digits(uuid));
      if (!members.some((member) => digits(member.uuid ?? '') === digits(uuid))) {
        problems.push(`${name}: no restored disk holds a part of array ${uuid}`);
      }
    }
    const unnamed = members.filter(({ uuid }) => !named.has(digits(uuid ?? '')));
    if (unnamed.length > 0) notes.push(`not named: the array on ${unnamed.map(({ path }) => path).join(', ')}`);
    const hint =
      'Write the arrays that there are into mdadm.conf ("mdadm --detail --scan"), then make the initramfs again.';
    return verdictOf(problems, hint, `${arrays.length} arrays of ${place ?? 'mdadm.conf'} were looked up`, notes);
  },
};
