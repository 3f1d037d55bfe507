import { type Check, cannotTell, fail, pass, type Verdict } from '../check.ts';
import { readAt } from '../read/root.ts';
import type { Subject } from '../subject.ts';

/** GRUB's boot.img: where the rest of it begins, as a sector number of 8 bytes (grub-core/boot/i386/pc/boot.S). */
const kernelSectorAt = 0x5c;
const codeBytes = 440;
/** diskboot.img: a list of 12 bytes each (start, length, segment) that grows downwards from here to an empty one. */
const lastListAt = 0x1f4;
const listBytes = 12;
/** GRUB's boot code counts in these, whatever the disk's sectors are. */
const sectorBytes = 512;
const biosBootType = '21686148-6449-6e6f-744e-656564454649';
/** What to do where GRUB for BIOS is not whole. */
export const installGrub =
  'Enter the system with chroot and run "grub-install" with the disk\'s name (Fedora, SUSE: grub2-install).';

export const bootCode: Check = {
  id: 'boot-code',
  title: "GRUB's boot code is on the disk",
  stopsBoot: true,
  run(subject) {
    if (subject.firmware !== 'bios') return null;
    const verdicts = subject.disks.map((disk) => ({ disk, verdict: readDisk(disk, subject) }));
    // Of mirrored disks one that starts is enough; a data disk has none.
    const good = verdicts.filter(({ verdict }) => verdict.result === 'pass');
    const broken = verdicts.filter(({ verdict }) => verdict.result === 'fail');
    if (good.length > 0) {
      const without = broken.map(({ disk }) => disk).join(', ');
      return pass(
        `${good.map(({ verdict }) => verdict.detail).join('; ')}${without === '' ? '' : ` (none on ${without})`}`,
      );
    }
    return (
      verdicts.find(({ verdict }) => verdict.result === 'cannot-tell')?.verdict ??
      broken[0]?.verdict ??
      cannotTell('No disk was looked at.')
    );
  },
};

/** Whether a disk holds boot code at all. */
export function holdsBootCode(disk: string): boolean {
  return readAt(disk, 0, codeBytes).some((byte) => byte !== 0);
}

function readDisk(disk: string, { devices }: Subject): Verdict {
  const first = readAt(disk, 0, sectorBytes);
  const code = first.subarray(0, codeBytes);
  if (code.every((byte) => byte === 0)) return fail(`the boot code of ${disk} is empty`, installGrub);
  if (!code.includes('GRUB')) return cannotTell(`${disk} holds the boot code of another loader than GRUB.`);
  if (first.readUInt16LE(510) !== 0xaa55) return fail(`the first sector of ${disk} has no mark 55 AA`, installGrub);
  const start = Number(first.readBigUInt64LE(kernelSectorAt));
  const size = devices.find(({ path }) => path === disk)?.sizeBytes ?? Number.MAX_SAFE_INTEGER;
  const lists = start === 0 ? [] : readLists(disk, start);
  if (lists.length === 0)
    return fail(`GRUB of ${disk} points to sector ${start}, where the rest of it is not`, installGrub);
  for (const { from, sectors } of [{ from: start, sectors: 1 }, ...lists]) {
    if ((from + sectors) * sectorBytes > size)
      return fail(`GRUB of ${disk} points beyond the end of the disk`, installGrub);
    if (readAt(disk, from * sectorBytes, sectors * sectorBytes).every((byte) => byte === 0))
      return fail(`GRUB's core image on ${disk} is zeros from sector ${from} on`, installGrub);
  }
  const parts = devices.filter(({ below, type }) => type === 'part' && below.includes(disk));
  const isGpt = parts.some(({ partitionType }) => /^[0-9a-f]{8}-/.test(partitionType ?? ''));
  const open = isGpt && !parts.some(({ partitionType }) => partitionType === biosBootType);
  const note = open ? ' (no BIOS boot partition: it can be overwritten)' : '';
  return pass(
    `${disk}: boot code, and ${lists.reduce((sum, { sectors }) => sum + sectors, 1)} sectors from ${start} on${note}`,
  );
}

/** Where the rest of the core image lies; empty when the sector holds no such list. */
function readLists(disk: string, sector: number): { from: number; sectors: number }[] {
  const block = readAt(disk, sector * sectorBytes, sectorBytes);
  const lists: { from: number; sectors: number }[] = [];
  if (block.length < sectorBytes) return lists;
  for (let at = lastListAt; at > 0x100; at -= listBytes) {
    const sectors = block.readUInt16LE(at + 8);
    if (sectors === 0) break;
    lists.push({ from: Number(block.readBigUInt64LE(at)), sectors });
  }
  return lists;
}
