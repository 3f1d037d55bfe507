/** Where the restored machine is mounted as a whole. */
export const targetRoot = '/mnt/target';

/** One folder in it for each file system that is mounted alone. */
export const aloneRoot = '/mnt/alone';
