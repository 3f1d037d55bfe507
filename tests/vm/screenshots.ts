// `npm run screenshots`: docs/screenshots/*.png, taken from the VGA screen of a medium that restores the sample machine.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from './harness/cache.ts';
import { blankDisk } from './harness/machine.ts';
import { bootMedium, patience, planOnto, vgaConsole } from './scenario/keys.ts';
import { savedMachine } from './scenario/save.ts';
import { shapes } from './sources/shapes.ts';

const folder = join(import.meta.dirname, '../../docs/screenshots');
await mkdir(folder, { recursive: true });
const saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
const work = await mkdtemp(join(cacheDirectory, 'screenshots-'));
const target = await blankDisk(join(work, 'target.img'), '8G');
const machine = await bootMedium({
  name: 'screenshots',
  cdrom: saved.medium,
  disks: [{ file: target, serial: 'WD-2303A8' }],
});
const screen = vgaConsole(machine);

async function take(name: string): Promise<void> {
  await sleep(1000); // let the picture settle
  await machine.screenshot(join(folder, `${name}.png`));
  console.log(`docs/screenshots/${name}.png`);
}

try {
  await screen.expect(/every byte is as it was written/, patience.verify);
  await take('menu');
  await planOnto(screen, 'vda');
  await take('plan');
  await screen.type('vda\n');
  await screen.expect(/now {3}extract \/:/, patience.verify);
  await sleep(30_000); // so that the chart shows something
  await take('restoring');
  await screen.expect(/Restored\./, patience.restore);
  await take('restored');
} finally {
  await machine.close();
  await rm(work, { recursive: true, force: true });
}
