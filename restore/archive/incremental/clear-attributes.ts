import { ErrnoError, listXattrs, removeXattr } from '@rekindle/linux-syscalls';
import { LinkSet } from '../link-set.ts';
import { folderFlags, openRoot, withBeneath } from '../target/beneath.ts';
import { foldsCase, isCasefolded } from '../target/folds-case.ts';
import { walkFileSystem } from './walk.ts';

/**
 * Removes the extended attributes, ACLs among them, of all directories: tar only adds to what an existing directory has, and a
 * default ACL would pass on to new files. An incremental archive holds every directory with all that it has.
 * @returns the symbolic links that are there
 */
export async function clearDirectoryAttributes(root: string, signal?: AbortSignal): Promise<LinkSet> {
  let hasAttributes = true;
  return walkLinks(root, signal, (fd) => {
    if (!hasAttributes) return;
    try {
      for (const attribute of listXattrs(fd)) removeXattr(fd, attribute);
    } catch (error) {
      // A file system without any.
      if (!(error instanceof ErrnoError && error.code === 'EOPNOTSUPP')) throw error;
      hasAttributes = false;
    }
  });
}

/** The symbolic links of one file system, by names as it takes them. */
export function linksBelow(root: string, signal?: AbortSignal): Promise<LinkSet> {
  return walkLinks(root, signal, () => undefined);
}

async function walkLinks(
  root: string,
  signal: AbortSignal | undefined,
  onFolder: (fd: number) => void,
): Promise<LinkSet> {
  using top = openRoot(root);
  const links = new LinkSet(foldsCase(top.fd));
  let foldsBelow = false;
  for await (const { path, isDirectory, isLink } of walkFileSystem(root, signal)) {
    if (isLink) links.add(path);
    if (isDirectory)
      withBeneath(top.fd, path, folderFlags, (fd) => {
        onFolder(fd);
        foldsBelow ||= !links.folds && isCasefolded(fd);
      });
  }
  return foldsBelow ? gathered(root, new LinkSet(true), signal) : links;
}

/** Which folders take names so is known after a walk only. */
async function gathered(root: string, links: LinkSet, signal?: AbortSignal): Promise<LinkSet> {
  for await (const { path, isLink } of walkFileSystem(root, signal)) if (isLink) links.add(path);
  return links;
}
