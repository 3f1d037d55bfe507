import { type Check, cannotTell, fail, type Verdict, verdictOfAll } from '../check.ts';
import type { BootFile } from '../read/boot-files.ts';
import type { BootMenu, BootMenuEntry } from '../read/boot-menu.ts';
import { readTarget } from '../read/target.ts';

const makeMenu = 'Enter the system with chroot and run "update-grub" (Fedora, SUSE: grub2-mkconfig).';
const hint =
  'Put the files back, or enter the system with chroot and run "update-initramfs -u" or "dracut -f", then "update-grub".';
/** How a person finds out which menu starts, and what is in it. */
export const lookAtMenu =
  'Look at the menu of the boot loader when the machine starts: choose the entry, and see that its files and root= are those of this system.';

export const bootMenu: Check = {
  id: 'boot-menu',
  title: "the boot menu's kernel and initramfs exist where it looks for them",
  stopsBoot: true,
  run(subject) {
    const { menu, entry } = readTarget(subject);
    if (entry === null) return withoutEntry(menu);
    const notes = othersOf(menu, entry);
    if (menu.unsure !== null) return unsureVerdict(menu, entry, menu.unsure, notes);
    const started = [entry, ...(menu.once === null ? [] : [menu.once])];
    return verdictOfAll(
      { problems: started.flatMap(problemsOf), unknown: started.flatMap(unknownsOf), notes },
      { hint, good: `"${entry.title}" of ${entry.source} starts ${entry.kernel.path}`, unknownHint: lookAtMenu },
    );
  },
};

function withoutEntry({ loader, sources, unsure }: BootMenu): Verdict {
  if (unsure !== null) return cannotTell(sentence(unsure), lookAtMenu);
  if (sources.length > 0) return fail(`${sources.join(', ')} offers no Linux.`, makeMenu);
  const words = /^an unknown/.test(loader) ? 'neither grub.cfg nor entries of systemd-boot' : `${loader} has none`;
  return fail(`There is no boot menu: ${words}.`, makeMenu);
}

/** What another entry would do is no proof; where none would start, that is one. */
function unsureVerdict(menu: BootMenu, entry: BootMenuEntry, unsure: string, notes: readonly string[]): Verdict {
  const problems = menu.entries.flatMap((each) => problemsOf(each).slice(0, 1));
  if (problems.length === menu.entries.length) return verdictOfAll({ problems }, { hint, good: '' });
  const own = [...problemsOf(entry), ...unknownsOf(entry)].slice(0, 1).map((text) => `of the likeliest: ${text}`);
  return verdictOfAll({ problems: [], unknown: [unsure, ...own], notes }, { hint, good: '', unknownHint: lookAtMenu });
}

function othersOf({ entries, once }: BootMenu, entry: BootMenuEntry): string[] {
  const others = entries.filter((each) => each !== entry && each !== once);
  const bad = others.flatMap((each) => problemsOf(each).slice(0, 1));
  return bad.length === 0 ? [] : [`of ${others.length} other entries ${bad.length} would not start: ${bad[0]}`];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function filesOf({ kernel, initrds, others }: BootMenuEntry): BootFile[] {
  return [...others, kernel, ...initrds];
}

function problemsOf(entry: BootMenuEntry): string[] {
  const lost = filesOf(entry).flatMap(({ state, why }) =>
    state === 'lost' ? [`"${entry.title}" searches ${why}`] : [],
  );
  if (lost.length > 0) return [...new Set(lost)];
  return filesOf(entry).flatMap(({ state, written, path }) => {
    if (state !== 'missing') return [];
    const place = path === null || path === written ? '' : ` (${path})`;
    return [`"${entry.title}" needs ${written}, which does not exist${place}`];
  });
}

function unknownsOf(entry: BootMenuEntry): string[] {
  return filesOf(entry).flatMap(({ state, written, why }) =>
    state === 'hidden' ? [`"${entry.title}" needs ${written}, which ${why}`] : [],
  );
}
