import { RekindleError } from '../../common/errors/error.ts';
import type { Action } from '../plan/step.ts';
import { f2fsResizer } from './f2fs-resize.ts';
import { type F2fsContent, f2fsContentSchema, readF2fs } from './f2fs-superblock.ts';
import { contentLayer, runs } from './layer.ts';

/** What mkfs.f2fs(8) can make and tar can fill. */
const makeable = new Set(
  `extra_attr project_quota inode_checksum flexible_inline_xattr quota inode_crtime lost_found sb_checksum casefold
   compression`.split(/\s+/),
);
const unsavable: Record<string, string> = {
  encrypt: 'its files may be encrypted by fscrypt, which tar cannot carry',
  verity: 'its files may be sealed by fs-verity, which tar cannot carry',
  blkzoned: 'it lies on a zoned device',
  ro: 'it was made to be read only, and cannot be filled',
};

/** f2fs: every feature as it was, whatever this mkfs.f2fs would choose by itself. */
export const f2fs = contentLayer(f2fsContentSchema, {
  kinds: ['f2fs'],
  capture: captureF2fs,
  resizer: f2fsResizer,
  plan(content, device) {
    return {
      name: 'f2fs file system',
      uuid: content.uuid,
      mount: { type: 'f2fs', options: 'noatime' },
      rehearse: rehearse(content),
      make: [runs(mkfsArgv(content, device))],
      notes: notesOf(content, device),
    };
  },
});

/** @throws RekindleError RK442, RK443 */
async function captureF2fs(device: string): Promise<F2fsContent> {
  const read = await readF2fs(device);
  if (read === null) throw new RekindleError('RK442', `${device}: its first superblock is damaged`);
  if (read.moreDevices) throw new RekindleError('RK443', `${device}: it lies on several devices`);
  const unknown = read.content.features.find((feature) => !makeable.has(feature));
  if (unknown !== undefined) {
    const why = unsavable[unknown] ?? 'mkfs.f2fs cannot make it again';
    throw new RekindleError('RK442', `${device} has the feature "${unknown}": ${why}`);
  }
  return read.content;
}

function notesOf({ features }: F2fsContent, device: string): string[] {
  const notes: [string[], string][] = [
    [
      ['casefold'],
      'directories that ignore case come back as ordinary ones: to change that, move their files out, chattr +F, and back',
    ],
    [
      ['quota', 'project_quota'],
      'quotas are counted again, but their limits do not come back: set them again (setquota)',
    ],
  ];
  return notes.flatMap(([names, note]) =>
    names.some((name) => features.includes(name)) ? [`${device}: ${note}`] : [],
  );
}

/**
 * mkfs.f2fs on a small sparse file: an unknown feature shows before the disk is wiped, not after. It has no way to write nothing,
 * and on a file as large as the disk it would fill the memory.
 */
function rehearse(content: F2fsContent): Action[] {
  const file = '/run/rekindle/rehearsal.img';
  const { overprovisionPercent: _share, ...any } = content;
  const bytes = 2 ** 28 * content.segmentsPerSection * content.sectionsPerZone;
  const blockCount = Math.floor(bytes / content.blockBytes);
  const sparse = ['dd', 'if=/dev/null', `of=${file}`, `bs=${content.blockBytes}`, 'count=0'] as const;
  return [
    runs([...sparse, `seek=${blockCount}`]),
    runs(mkfsArgv({ ...any, blockCount }, file)),
    runs(['rm', '-f', file]),
  ];
}

/** The size is counted in sectors of one block, whatever sectors the device has. */
function mkfsArgv(content: F2fsContent, device: string): [string, ...string[]] {
  const { encoding, extensions, overprovisionPercent, blockBytes, features } = content;
  const optional: string[] = [];
  if (content.label !== '') optional.push('-l', content.label);
  if (features.length > 0) optional.push('-O', features.join(','));
  if (encoding !== undefined) optional.push('-C', `${encoding.name}${encoding.strict ? ':strict' : ''}`);
  if (content.extendedNodeBitmap) optional.push('-i');
  if (overprovisionPercent !== undefined) optional.push('-o', `${overprovisionPercent}`);
  // Versions before 1.16 know no blocks of another size.
  if (blockBytes !== 4096) optional.push('-b', `${blockBytes}`);
  // It adds to its own list what is not in it.
  if (extensions.cold.length > 0) optional.push('-e', extensions.cold.join(','));
  if (extensions.hot.length > 0) optional.push('-E', extensions.hot.join(','));
  return [
    ...(['mkfs.f2fs', '-q', '-f', '-U', content.uuid, '-w', `${blockBytes}`] as const),
    ...['-s', `${content.segmentsPerSection}`, '-z', `${content.sectionsPerZone}`, ...optional],
    ...[device, `${content.blockCount}`],
  ];
}
