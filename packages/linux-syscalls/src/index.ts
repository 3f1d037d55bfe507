export * from './ioctl.ts';
export { ErrnoError, errnoName } from './libc.ts';
export * from './module.ts';
export * from './mount.ts';
export * from './pipe.ts';
export * from './process.ts';
export * from './read-ahead.ts';
export * from './times.ts';
export * from './xattr.ts';
