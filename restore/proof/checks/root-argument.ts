import { type Check, cannotTell, fail, pass, type Verdict } from '../check.ts';
import { includesDevice } from '../devices.ts';
import { readTarget } from '../read/target.ts';
import { lookUp } from '../reference/collect.ts';
import { candidatesOf, judge, settle } from '../reference/reference.ts';
import type { Subject } from '../subject.ts';

const hint = 'Correct /etc/default/grub or the boot entry, enter the system with chroot and run "update-grub".';
const unknownHint =
  'Write root=UUID=... into /etc/default/grub or the boot entry ("blkid" shows it), enter the system with chroot and run "update-grub".';

/** What the kernel is told to mount as /, and what it needs opened before. */
export const rootArgument: Check = {
  id: 'root-argument',
  title: 'root= of the boot menu is the restored file system',
  stopsBoot: true,
  run(subject) {
    const { options } = readTarget(subject);
    if (options === null)
      return cannotTell('There is no boot menu that could be read.', 'Look for root= in the boot menu yourself.');
    const layers = layerOutcomes(options, subject);
    if (layers.problems.length > 0) return fail(layers.problems.join('; '), hint);
    const root = rootOf(options);
    if (root === undefined)
      return cannotTell(
        'The boot menu has no root= argument: the initramfs must know.',
        'A machine that started so before does again, where the partition has the type that its initramfs looks for.',
      );
    const verdict = rootVerdict(root, subject);
    return verdict.result === 'pass' && layers.unknown.length > 0
      ? cannotTell(layers.unknown.join('; '), unknownHint)
      : verdict;
  },
};

/** genkernel's initramfs is the kernel's root=, and is told the real one beside it. */
function rootOf(options: readonly string[]): string | undefined {
  const last = (key: string): string | undefined =>
    options.findLast((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  // dracut takes 'block:' before a device.
  return (last('real_root') ?? last('root'))?.replace(/^block:/, '');
}

function rootVerdict(root: string, subject: Subject): Verdict {
  const mounted = subject.mounts.find(({ at }) => at === '/')?.device ?? '';
  const reference = settle(lookUp(root, subject), ({ path }) => path === mounted);
  if (reference.kind === 'not-a-device') return cannotTell(`root=${root} names no disk.`, unknownHint);
  if (reference.kind === 'kernel-name') {
    if (reference.device?.path === mounted)
      return pass(`root=${root} is the restored / (a name that can change between boots)`);
    return cannotTell(`root=${root} is a name that can change; / was restored on ${mounted}.`, unknownHint);
  }
  const candidates = candidatesOf(reference);
  if (candidates.length > 0 && !includesDevice(candidates, mounted))
    return fail(`root=${root} is ${candidates.map(({ path }) => path).join(', ')}, / was restored on ${mounted}`, hint);
  const judged = judge(reference);
  if (judged === 'no-device') return cannotTell(`root=${root} names no disk.`, unknownHint);
  if ('problem' in judged) return fail(`root=${root} ${judged.problem}`, hint);
  if ('unknown' in judged) return cannotTell(`root=${root} ${judged.unknown}`, unknownHint);
  return judged.device === null
    ? fail(`root=${root} is made anew at each start, it is not the restored /`, hint)
    : pass(`root=${root} is ${mounted}`);
}

interface Outcomes {
  problems: string[];
  unknown: string[];
}

/** The initramfs opens only what these name (dracut.cmdline(7), systemd-cryptsetup-generator(8), mkinitcpio's encrypt). */
function layerOutcomes(options: readonly string[], subject: Subject): Outcomes {
  const outcomes: Outcomes = { problems: [], unknown: [] };
  const look = (option: string, spec: string): void => {
    const judged = judge(lookUp(spec, subject));
    if (judged === 'no-device') return;
    if ('problem' in judged) outcomes.problems.push(`${option} ${judged.problem}`);
    if ('unknown' in judged) outcomes.unknown.push(`${option} ${judged.unknown}`);
  };
  for (const option of options) {
    const [key = '', value = ''] = option.split(/=(.*)/s);
    if (/^(rd\.)?luks\.uuid$|^rd\.md\.uuid$/.test(key)) outcomes.problems.push(...uuidProblem(option, value, subject));
    if (/^(rd\.)?luks\.name$/.test(key))
      outcomes.problems.push(...uuidProblem(option, value.split('=')[0] ?? '', subject));
    if (key === 'rd.lvm.lv') look(option, `/dev/${value}`);
    if (key === 'cryptdevice') look(option, value.split(':')[0] ?? '');
    if (key === 'crypt_root' || key === 'cryptroot') look(option, value);
  }
  return outcomes;
}

/** Its first digits are enough for dracut. */
function uuidProblem(option: string, value: string, { devices }: Subject): string[] {
  const digits = (text: string): string => text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
  const wanted = digits(value.replaceAll('"', '').replace(/^luks-/, ''));
  const isThere = wanted !== '' && devices.some(({ uuid }) => digits(uuid ?? '').startsWith(wanted));
  return isThere ? [] : [`${option} is on none of the restored disks`];
}
