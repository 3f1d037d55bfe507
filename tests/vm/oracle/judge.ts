import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../common/run.ts';
import type { Proof } from '../../../restore/proof/proof-schema.ts';
import { proveSubject } from '../../../restore/proof/prove.ts';
import { readSubject } from '../../../restore/proof/subject.ts';
import { withMount, withPartitions } from '../harness/loop.ts';
import { Machine } from '../harness/machine.ts';
import type { Shape } from '../sources/shapes.ts';
import type { Sabotage } from './sabotage.ts';

/** How the machine that boots it reaches its disk. */
const controllers = ['virtio_blk', 'virtio_pci'];

/** Breaks a system on a disk image, and asks the proof what it thinks. */
export async function breakAndProve(image: string, shape: Shape, { offline, apply }: Sabotage): Promise<Proof[]> {
  return withPartitions(image, async (disk) => {
    const places = Object.entries(shape.partitions)
      .flatMap(([number, { type, at }]) =>
        type === 'ext4' && at !== undefined ? [{ device: `${disk}p${number}`, at }] : [],
      )
      .toSorted((one, other) => (one.at < other.at ? -1 : 1));
    const [top, ...others] = places;
    if (top?.at !== '/') throw new Error('the shape has no /');
    await offline?.(top.device);
    return withMount(top.device, 'rw', async (root) => {
      for (const { device, at } of others) await run(['mount', device, `${root}${at}`]);
      await apply({ root, disk });
      const subject = await readSubject({ root, disks: [disk], firmware: shape.firmware });
      return proveSubject({ ...subject, controllers: () => controllers });
    });
  });
}

/** What says that it will not get to its login. */
const dead =
  /Kernel panic|\(initramfs\)|emergency mode|Give root password|grub rescue>|grub>|you need to load the kernel first|No bootable device|not a bootable disk|Operating system not found|Freezing execution/;

const silentMs = 120_000;

/** Boots the image: does it come to its login prompt? @param seconds systemd alone waits 90 s for a missing device */
export async function reachesLogin(image: string, name: string, seconds = 300): Promise<boolean> {
  const machine = await Machine.start({ name, boot: 'disk', disks: [{ file: image, serial: 'ORACLE' }], memory: 512 });
  try {
    let last = { seen: '', at: Date.now() };
    for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(1000)) {
      // One that starts again ends here.
      const vga = await machine.vgaText().catch(() => null);
      const seen = `${machine.printed()}\n${vga ?? ''}`;
      if (/login: /.test(seen)) return true;
      if (vga === null || dead.test(seen)) return false;
      if (seen !== last.seen) last = { seen, at: Date.now() };
      // What waits for a device counts its seconds on the screen.
      if (Date.now() - last.at > silentMs) return false;
    }
    return false;
  } finally {
    await machine.close();
  }
}
