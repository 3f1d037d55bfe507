import { type Check, verdictOf } from '../check.ts';
import type { Root } from '../read/root.ts';

const folders = [
  '/etc/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** Units that all others wait for (bootup(7)): without one of them systemd comes to its emergency shell, or to nothing. */
const wanted = [
  'default.target',
  'basic.target',
  'sysinit.target',
  'systemd-udevd.service',
  'systemd-udev-trigger.service',
];

export const systemd: Check = {
  id: 'systemd',
  title: 'the units that every start needs are there',
  stopsBoot: true,
  run({ root }) {
    if (!isSystemd(root)) return null;
    const missing = wanted.filter((unit) => root.firstFile(folders.map((folder) => `${folder}/${unit}`)) === null);
    const hint =
      'Take them out of the backup again: "rekindle extract VOLUME --path PATH --to DIR", or install the packages systemd and udev again.';
    return verdictOf(
      missing.map((unit) => `${unit} is missing, or leads nowhere`),
      hint,
      wanted.join(', '),
    );
  },
};

function isSystemd(root: Root): boolean {
  return root.locate('/sbin/init')?.endsWith('/systemd') === true;
}
