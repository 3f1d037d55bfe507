import { aloneRoot, targetRoot } from './roots.ts';
import type { Action } from './step.ts';

/** A path below a folder that restored files are mounted on; what lies there is the set's. */
export interface TargetPath {
  /** '/mnt/target', '/mnt/alone/disk0-5' */
  root: string;
  /** 'etc/lvm', never empty. */
  path: string;
}

const pattern = new RegExp(`^(${targetRoot}|${aloneRoot}/[^/]+)/(.+)$`, 's');
/** Where in a word a path begins: 'of=/mnt/target/swapfile'. */
const beginning = new RegExp(`(?:^|[=:,])(?=(?:${targetRoot}|${aloneRoot})/)`, 'g');
/** Where it may end: '/mnt/target/a:/x', 'one=/mnt/target/a,other=b'. */
const ending = /:\/|,\w+=/;

/**
 * What an action writes, mounts, makes or reads below those folders by name: on the way there, and at its end, no symbolic link may
 * lie, for it would lead out to the system that runs the restore. Of a name that is replaced or removed itself, its folder.
 * `assert-mounted` and `prove` only look; what a chroot runs stays inside by itself.
 */
export function targetPaths(action: Action): TargetPath[] {
  const found = wordsOf(action).flatMap(({ word, isReplaced }) =>
    pathsIn(word).flatMap((path) => splitOff(isReplaced ? path.slice(0, path.lastIndexOf('/')) : path)),
  );
  return [...new Map(found.map((each) => [`${each.root}/${each.path}`, each])).values()];
}

function wordsOf(action: Action): { word: string; isReplaced: boolean }[] {
  switch (action.type) {
    case 'run': {
      const [file, ...words] = action.argv;
      if (file === 'chroot') return [];
      // Without -T mv goes into a folder that a link leads to.
      const isReplaced = file === 'rm' || (file === 'mv' && words.includes('-T'));
      return words.map((word) => ({ word, isReplaced }));
    }
    case 'mkdir':
    case 'write-file':
      return [{ word: action.path, isReplaced: false }];
    case 'extract':
    case 'inode-flags':
      return [{ word: action.at, isReplaced: false }];
    case 'copy-log':
      return [action.root, ...(action.marks ?? [])].map((word) => ({ word, isReplaced: false }));
    default:
      return [];
  }
}

/** The rest of the word, and of it what comes before a separator: which of them is meant, only the command knows. */
function pathsIn(word: string): string[] {
  return [...word.matchAll(beginning)].flatMap(({ 0: { length }, index }) => {
    const rest = word.slice(index + length);
    const end = rest.search(ending);
    return end === -1 ? [rest] : [rest, rest.slice(0, end)];
  });
}

function splitOff(path: string): TargetPath[] {
  const [, root, below] = pattern.exec(path) ?? [];
  return root === undefined || below === undefined ? [] : [{ root, path: below }];
}
