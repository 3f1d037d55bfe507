import { type Check, verdictOf } from '../check.ts';
import type { Root } from '../read/root.ts';
import { readTarget } from '../read/target.ts';
import { initOf } from './init.ts';

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
  run(subject) {
    const { root } = subject;
    if (root.locate(initOf(readTarget(subject).options))?.endsWith('/systemd') !== true) return null;
    const hint =
      'Take them out of the backup again: "rekindle extract VOLUME --path PATH --to DIR", or install the packages systemd and udev again. A masked one: "systemctl unmask UNIT", entered with chroot.';
    return verdictOf(
      wanted.flatMap((unit) => problemOf(root, unit) ?? []),
      hint,
      wanted.join(', '),
    );
  },
};

/** systemd.unit(5): the first folder that has it counts; a link to /dev/null, or nothing in it, masks it. */
function problemOf(root: Root, unit: string): string | null {
  for (const folder of folders) {
    const path = `${folder}/${unit}`;
    if (root.linkTarget(path) === '/dev/null' || root.stat(path)?.size === 0) return `${unit} is masked in ${folder}`;
    if (root.isFile(path)) return null;
  }
  return `${unit} is missing, or leads nowhere`;
}
