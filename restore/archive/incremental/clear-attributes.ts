import { ErrnoError, listXattrs, removeXattr } from '@rekindle/linux-syscalls';
import { walkFileSystem } from './walk.ts';

/**
 * Removes the extended attributes, ACLs among them, of all directories: tar only adds to what an existing directory has, and a
 * default ACL would pass on to new files. An incremental archive holds every directory with all that it has.
 */
export async function clearDirectoryAttributes(root: string, signal?: AbortSignal): Promise<void> {
  try {
    for await (const { file, isDirectory } of walkFileSystem(root, signal))
      if (isDirectory) for (const attribute of listXattrs(file)) removeXattr(file, attribute);
  } catch (error) {
    // A file system without any.
    if (!(error instanceof ErrnoError && error.code === 'EOPNOTSUPP')) throw error;
  }
}
