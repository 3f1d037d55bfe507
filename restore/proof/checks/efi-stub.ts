import { posix } from 'node:path';
import { type Check, cannotTell, verdictOf } from '../check.ts';
import type { BootFile } from '../read/boot-files.ts';
import { lastMenu, startGrub } from '../read/grub/menu.ts';
import { GrubRun } from '../read/grub/run.ts';
import { grubFilesOnEsp } from '../read/grub/start.ts';
import { findLoader } from '../read/loader.ts';
import type { Subject } from '../subject.ts';

const hint =
  'Enter the system with chroot and run "grub-install" again, or write the UUID of the file system that holds grub.cfg into the named file.';

/** Debian, Ubuntu, Fedora and SUSE put a few lines on the ESP that lead to the real menu. */
export const efiStub: Check = {
  id: 'efi-stub',
  title: "GRUB's file on the EFI system partition leads to its menu",
  stopsBoot: true,
  run(subject) {
    const loader = findLoader(subject);
    if (subject.firmware !== 'uefi' || !/^(grub|unknown)$/.test(loader.kind)) return null;
    const all = grubFilesOnEsp(subject).map((path) => ({ path, ...readStub(subject, path) }));
    const beside = loader.path === null ? null : posix.dirname(loader.path);
    const own = all.filter(({ path }) => posix.dirname(path) === beside);
    // Debian's signed GRUB reads the file in its vendor's folder wherever it was started from.
    const stubs = own.length > 0 && own.every(({ problem }) => problem === null) ? own : all;
    if (stubs.length === 0 || stubs.every(({ isMenu }) => isMenu)) return null;
    const broken = stubs.filter(({ problem }) => problem !== null);
    const words = broken.map(({ path, problem }) => `${path}: ${problem}`);
    const good = stubs.filter(({ problem, hidden }) => problem === null && hidden === null);
    const leading = good.map(({ path }) => path).join(', ');
    // One that another system left there, and one that leads: which of them GRUB reads is not known.
    if (broken.length > 0 && good.length > 0)
      return cannotTell(`${words.join('; ')}; ${leading} leads to a menu.`, hint);
    const unknown = stubs.flatMap(({ path, hidden }) => (hidden === null ? [] : [`${path} ${hidden}`]));
    return broken.length === 0 && unknown.length > 0
      ? cannotTell(`${unknown.join('; ')}.`, hint)
      : verdictOf(words, hint, leading);
  },
};

/** Whether it holds the menu itself, else why it does not lead to one, or why nobody knows. */
function readStub(subject: Subject, path: string): { isMenu: boolean; problem: string | null; hidden: string | null } {
  const scope = startGrub(new GrubRun(subject), path);
  const isMenu = scope.items.length > 0;
  if (isMenu || scope.menu !== null) {
    const deeper = lastMenu(scope).lost[0];
    return { isMenu, ...(deeper === undefined || isMenu ? { problem: null, hidden: null } : wordsOf(deeper)) };
  }
  const [lost] = scope.lost;
  return lost === undefined ? { isMenu, problem: 'it opens no menu', hidden: null } : { isMenu, ...wordsOf(lost) };
}

function wordsOf({ state, why, written, path }: BootFile): { problem: string | null; hidden: string | null } {
  if (state === 'lost') return { problem: `it searches ${why}`, hidden: null };
  if (state === 'missing') return { problem: `it leads to ${path ?? written}, which does not exist`, hidden: null };
  return { problem: null, hidden: `leads to ${written}, which ${why ?? 'could not be read'}` };
}
