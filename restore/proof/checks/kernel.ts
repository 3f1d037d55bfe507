import { type Check, cannotTell, fail, pass } from '../check.ts';
import { ofTarget } from '../of-target.ts';
import { kernelOf, readTarget } from '../read/target.ts';

const hint = 'Take the file out of the backup again ("rekindle extract"), or install the kernel package again.';

export const kernel: Check = {
  id: 'kernel',
  title: 'the kernel is whole and for this machine',
  stopsBoot: true,
  run: ofTarget(async (subject) => {
    const { kernel: path, entry } = readTarget(subject);
    if (path === null && entry?.kernel.state === 'hidden')
      return cannotTell(`${entry.kernel.written} ${entry.kernel.why}.`);
    if (path === null)
      return fail('No kernel was found.', 'Enter the system with chroot and install a kernel package.');
    const image = await kernelOf(subject, path);
    if (image.state === 'unknown') return cannotTell(`${path}: ${image.reason}.`);
    if (image.state === 'bad') return fail(`${path}: ${image.reason}`, hint);
    const runs =
      image.architecture === subject.architecture ||
      (image.architecture === 'i686' && subject.architecture === 'x86_64');
    if (!runs)
      return fail(
        `${path} is for ${image.architecture}, this machine is ${subject.architecture}`,
        'Install a kernel for this machine.',
      );
    return pass(
      `${path}: ${image.version ?? 'a kernel'} for ${image.architecture}${image.note === null ? '' : ` (${image.note})`}`,
    );
  }),
};
