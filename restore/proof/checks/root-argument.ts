import { type Check, cannotTell, fail, pass, type Verdict } from '../check.ts';
import { candidatesOf, includesDevice, resolveReference } from '../devices.ts';
import { readTarget } from '../read/target.ts';
import type { Subject } from '../subject.ts';

const hint = 'Correct /etc/default/grub or the boot entry, enter the system with chroot and run "update-grub".';

/** What the kernel is told to mount as /, and what it needs opened before. */
export const rootArgument: Check = {
  id: 'root-argument',
  title: 'root= of the boot menu is the restored file system',
  stopsBoot: true,
  run(subject) {
    const { options } = readTarget(subject);
    if (options === null) return cannotTell('There is no boot menu that could be read.');
    const layers = layerProblems(options, subject);
    if (layers.length > 0) return fail(layers.join('; '), hint);
    const root = options.findLast((option) => option.startsWith('root='))?.slice('root='.length);
    return root === undefined
      ? cannotTell('The boot menu has no root= argument: the initramfs must know.')
      : rootVerdict(root, subject);
  },
};

function rootVerdict(root: string, { devices, mounts }: Subject): Verdict {
  const mounted = mounts.find(({ at }) => at === '/')?.device ?? '';
  const found = resolveReference(root, devices);
  if (found.kind === 'not-a-device') return cannotTell(`root=${root} names no disk.`);
  if (found.kind === 'missing') return fail(`root=${root} is on none of the restored disks`, hint);
  if (found.kind === 'kernel-name') {
    if (found.device?.path === mounted)
      return pass(`root=${root} is the restored / (a name that can change between boots)`);
    return cannotTell(`root=${root} is a name that can change; / was restored on ${mounted}.`);
  }
  const candidates = candidatesOf(found);
  if (!includesDevice(candidates, mounted))
    return fail(`root=${root} is ${candidates.map(({ path }) => path).join(', ')}, / was restored on ${mounted}`, hint);
  const whole = candidates.length === 1 || candidates.every(({ content }) => content === 'btrfs');
  return whole
    ? pass(`root=${root} is ${mounted}`)
    : fail(`root=${root} is on ${candidates.map(({ path }) => path).join(' and ')}`, hint);
}

/** dracut opens only what these name (dracut.cmdline(7)). */
function layerProblems(options: readonly string[], { devices }: Subject): string[] {
  const problems: string[] = [];
  for (const option of options) {
    const [key = '', value = ''] = option.split(/=(.*)/s);
    if (key === 'rd.luks.uuid' || key === 'rd.md.uuid') {
      const wanted = value
        .replace(/^luks-/, '')
        .replaceAll(/[^0-9a-f]/gi, '')
        .toLowerCase();
      const there =
        wanted !== '' && devices.some(({ uuid }) => (uuid ?? '').replaceAll(/[^0-9a-f]/g, '').startsWith(wanted));
      if (!there) problems.push(`${option} is on none of the restored disks`);
    }
    if (key === 'rd.lvm.lv' && !devices.some(({ aliases }) => aliases.includes(`/dev/${value}`)))
      problems.push(`${option} is not there`);
  }
  return problems;
}
