import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { unmountable } from './words-schema.ts';

export interface Listed {
  id: number;
  path: string;
  uuid: string;
  /** A snapshot, or received from another machine. */
  isCopy: boolean;
}

/** btrfs-subvolume(8): with -a, what is not below the mounted subvolume begins with <FS_TREE>. */
export function parseSubvolumes(text: string): Listed[] {
  const line = /^ID (\d+) gen .*? parent_uuid (\S+)\s+received_uuid (\S+)\s+uuid (\S+) path (?:<FS_TREE>\/)?(.*)$/gm;
  return [...text.matchAll(line)].map(([, id, parent, received, uuid = '', path = '']) => {
    return { id: Number(id), path, uuid, isCopy: parent !== '-' || received !== '-' };
  });
}

/** Its path cannot become a word of mount's options. */
export function isUnmountable(path: string): boolean {
  return unmountable.test(path) || /\p{Cc}/u.test(path);
}

const mostTries = 5;

/**
 * All subvolumes, and the numbers of those that are read-only. Every user can make one, of any name: with a line's end in it the list
 * would show a subvolume that is none (of /etc, say, which would then be left out), or say of another that it is a copy. So each number
 * is asked for its path, and what such a name brings into the list is taken out of it.
 * @throws RekindleError RK441 where they change all the time
 */
export async function listSubvolumes(at: string): Promise<{ listed: Listed[]; readOnly: Set<number> }> {
  const list = async (...flags: string[]): Promise<string> =>
    (await run(['btrfs', 'subvolume', 'list', '-a', '-u', '-q', '-R', ...flags, at])).stdout;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const [all, frozen] = [await list(), await list('-r')];
    const paths = await pathsOf(at, new Set(parseSubvolumes(all).map(({ id }) => id)));
    const listed = parseSubvolumes(withoutLineEnds(all, paths));
    const isClear = listed.every(({ id, path }) => paths.get(id) === path || path === hidden);
    if (!isClear || new Set(listed.map(({ id }) => id)).size < listed.length) continue;
    const readOnly = new Set(parseSubvolumes(withoutLineEnds(frozen, paths)).map(({ id }) => id));
    return { listed: listed.map((each) => ({ ...each, path: paths.get(each.id) ?? each.path })), readOnly };
  }
  throw new RekindleError('RK441', `${at}: its subvolumes change while they are listed`);
}

/** By number; a number that nothing has is not there. */
async function pathsOf(at: string, ids: ReadonlySet<number>): Promise<Map<number, string>> {
  const paths = new Map<number, string>();
  for (const id of ids) {
    const argv = ['btrfs', 'inspect-internal', 'subvolid-resolve', String(id), at] as const;
    const { stdout, exitCode } = await run([...argv], { okExit: [0, 1] });
    if (exitCode === 0) paths.set(id, stdout.replace(/\n$/, ''));
  }
  return paths;
}

/** In place of a name that would be several lines: no real one, for it is no text. */
const hidden = '\ufffd';

/** The longest first: it may begin as another one. */
function withoutLineEnds(text: string, paths: ReadonlyMap<number, string>): string {
  const broken = [...paths.values()].filter((path) => path.includes('\n')).toSorted((a, b) => b.length - a.length);
  return broken.reduce((left, path) => {
    const lines = (prefix: string): string => ` path ${prefix}${path}\n`;
    return left.replaceAll(lines(''), ` path ${hidden}\n`).replaceAll(lines('<FS_TREE>/'), ` path ${hidden}\n`);
  }, text);
}

const few = 5;

/** Of those that cannot be named: as a part of a sentence. */
export function describeNotSaved(paths: readonly string[]): string {
  const more = paths.length > few ? ` and ${paths.length - few} more` : '';
  return `not in the set, for mount cannot take such a name: subvolumes ${paths.slice(0, few).join(', ')}${more}`;
}
