import * as z from 'zod';

/**
 * Words of a layout, each in its own grammar. They become paths, options and device names of tools that run as root, and a
 * layout may have been written by anybody: what leads elsewhere is refused where the layout is read. A machine that has such
 * a value cannot be saved, and is told so while it is saved.
 */

/** Most characters of a text for people. */
const longest = 4096;

/** For people only, or a word of its own behind an option that takes any: a label. */
export const textSchema = z
  .string()
  .max(longest)
  .refine((text) => !text.includes('\0'), 'has a NUL in it');

/** Whole files as text: what vgcfgbackup or a LUKS2 header holds. */
export const longTextSchema = z
  .string()
  .max(2 ** 24)
  .refine((text) => !text.includes('\0'), 'has a NUL in it');

function word(grammar: RegExp, what: string): z.ZodString {
  return z.string().max(255).regex(grammar, what);
}

/** A UUID, as its tools write it: hexadecimal groups, LVM's with all letters, md's with colons. */
export const uuidSchema = word(/^[0-9A-Za-z][0-9A-Za-z:-]*$/, 'is no UUID');

/** Where there may be none. */
export const optionalUuidSchema = z.union([z.literal(''), uuidSchema]);

/** A feature, a profile, a hash, an encoding: 'metadata_csum', 'no-holes', 'utf8-12.1', '0x8000'. */
export const nameSchema = word(/^[0-9A-Za-z][\w.+-]*$/, 'is no name');

/** 'aes-xts-plain64', 'aes-cbc-essiv:sha256', 'xchacha12,aes-adiantum-plain64', 'capi:xts(aes)-plain64' */
export const cipherSchema = word(/^[0-9A-Za-z][\w:.,()-]*$/, 'is no cipher');

/** The kernel's name of a disk: 'sda', 'nvme0n1', 'cciss/c0d0', 'cciss!c0d0'. */
export const kernelNameSchema = word(/^[0-9A-Za-z][\w.:@+!-]*(\/[0-9A-Za-z][\w.:@+!-]*)?$/, 'is no name of a device');

/** Name in md's superblock, with its host: 'web01:0'. */
export const arrayNameSchema = z
  .string()
  .max(255)
  .regex(/^(?!(.*:)?\.{0,2}$)[^\p{Cc}/]+$/u, 'is no name of an array');

/** What mdadm, cryptsetup or device mapper call something: one name of a directory. */
export const mappedNameSchema = z
  .string()
  .max(255)
  .regex(/^(?!\.{1,2}$)[^\p{Cc}/]+$/u, 'is no name of a device');

/** lvm(8), "VALID NAMES". */
export const lvmNameSchema = z
  .string()
  .max(127)
  .regex(/^(?!\.{1,2}$)[\w+.][\w+.-]*$/, 'is no name that LVM takes');

/** lvm(8): of tags. */
export const lvmTagSchema = z
  .string()
  .max(1024)
  .regex(/^[\w+.#&!:=/][\w+.#&!:=/-]*$/, 'is no tag that LVM takes');

export const diskIdSchema = word(/^disk\d{1,6}$/, 'is no disk of a layout');

/** 'md:NAME' */
export const arrayIdSchema = z
  .string()
  .max(260)
  .regex(/^md:(?!\.{1,2}$)[^\p{Cc}/]+$/u, 'is no array of a layout');

/** 'disk0', 'disk0:5', 'md:NAME', 'crypt:NAME', 'lv:GROUP/VOLUME' */
export const nodeIdSchema = z
  .string()
  .max(260)
  .regex(
    /^(disk\d{1,6}(:\d{1,6})?|(md|crypt):(?!\.{1,2}$)[^\p{Cc}/]+|lv:(?!\.{1,2}\/)[\w+.][\w+.-]*\/(?!\.{1,2}$)[\w+.][\w+.-]*)$/u,
    'is no device of a layout',
  );

function isClean(parts: readonly string[]): boolean {
  return parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The most that Linux takes. */
const longestPath = 4095;
const path = z
  .string()
  .max(longestPath)
  .regex(/^[^\p{Cc}]*$/u, 'has a control character in it');

/** '/', '/boot/efi': absolute, with no empty part, '.' or '..'. Blanks are fine. */
export const mountPointSchema = path.refine(
  (text) => text === '/' || (text.startsWith('/') && isClean(text.slice(1).split('/'))),
  'is no clean absolute path',
);

/** As mountPointSchema, but of a file. */
export const filePathSchema = mountPointSchema.refine((text) => text !== '/', 'is no file');

/** 'EFI/debian/shimx64.efi': below something, with no empty part, '.' or '..'. */
export const relativePathSchema = path.refine((text) => isClean(text.split('/')), 'is no clean relative path');

/** Of a btrfs, from its top level, which is ''. */
export const subvolumePathSchema = z.union([z.literal(''), relativePathSchema]);

/** What no option of mount can hold, and bytes that are no text. */
export const unmountable = /[,\\"\uFFFD]/;

/** Of one that is mounted: a part of mount's options. */
export const mountedSubvolumeSchema = subvolumePathSchema.refine(
  (text) => !unmountable.test(text),
  'cannot be named in mount options',
);

/** A file that firmware starts: '\\EFI\\debian\\shimx64.efi'. */
export const loaderSchema = path.refine(
  (text) => text !== '' && !text.split(/[\\/]/).some((part) => part === '.' || part === '..'),
  'is no clean path of a boot loader',
);

/** Mount options that name a file or a device: of another one than the layout says. */
const elsewhere =
  /^(device|logdev|rtdev|journal_path|journal_dev|loop|offset|upperdir|lowerdir|workdir|helper|x-[^=]*)(=|$)/;

function isOption(text: string): boolean {
  return /^(subvol=[^\p{Cc}]*|[A-Za-z_][\w-]*(=[^\s\p{Cc}]*)?)$/u.test(text) && !elsewhere.test(text);
}

/** Options as the kernel shows them: 'rw,relatime,subvol=/my data'. */
export const mountOptionsSchema = z
  .string()
  .max(longestPath)
  .refine((text) => text === '' || text.split(',').every(isOption), 'are no mount options of one device');

/** Those of them that a layout holds. */
export function keptMountOptions(options: string): string {
  return options.split(',').filter(isOption).join(',').slice(0, longestPath);
}

/** One option that is written into a superblock. */
export const storedOptionSchema = z
  .string()
  .max(64)
  .regex(/^[0-9a-z][\w.:=-]*$/, 'is no mount option')
  .refine((text) => !elsewhere.test(text), 'names another device');

/** 'compress=zstd:3' */
export const compressionSchema = word(
  /^compress(-force)?=(no|none|lzo|zlib|zstd)(:-?\d{1,2})?$/,
  'is no compression of btrfs',
);

/** A number of things that each take memory or a word of a command line. */
export const fewSchema = z.int().positive().max(4096);

/** A power of two that a tool takes as size of a block, sector, inode, chunk: at most 1 GiB. */
export const unitSchema = z
  .int()
  .positive()
  .max(2 ** 30);
