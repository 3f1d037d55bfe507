import { ErrnoError, listXattrs, removeXattr } from '@rekindle/linux-syscalls';
import { LinkSet } from '../link-set.ts';
import { folderFlags, openRoot, withBeneath } from '../target/beneath.ts';
import { walkFileSystem } from './walk.ts';

/**
 * Removes the extended attributes, ACLs among them, of all directories: tar only adds to what an existing directory has, and a
 * default ACL would pass on to new files. An incremental archive holds every directory with all that it has.
 * @returns the symbolic links that are there
 */
export async function clearDirectoryAttributes(root: string, signal?: AbortSignal): Promise<LinkSet> {
  using top = openRoot(root);
  const links = new LinkSet();
  let hasAttributes = true;
  const clear = (fd: number): void => {
    for (const attribute of listXattrs(fd)) removeXattr(fd, attribute);
  };
  for await (const { path, isDirectory, isLink } of walkFileSystem(root, signal)) {
    if (isLink) links.add(path);
    if (!isDirectory || !hasAttributes) continue;
    try {
      withBeneath(top.fd, path, folderFlags, clear);
    } catch (error) {
      // A file system without any.
      if (!(error instanceof ErrnoError && error.code === 'EOPNOTSUPP')) throw error;
      hasAttributes = false;
    }
  }
  return links;
}

/** The symbolic links of one file system. */
export async function linksBelow(root: string, signal?: AbortSignal): Promise<LinkSet> {
  const links = new LinkSet();
  for await (const { path, isLink } of walkFileSystem(root, signal)) if (isLink) links.add(path);
  return links;
}
