// `npm run demo`: from nothing to a restored machine that boots. `-- --interactive` lets you press the keys.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './harness/cache.ts';
import { interactive } from './harness/interactive.ts';
import { blankDisk, Machine } from './harness/machine.ts';
import { collectDisk } from './manifest/collect.ts';
import { compareDisks, renderComparison } from './manifest/compare.ts';
import { bootMedium, rebootThrough, restoreThrough, serialConsole } from './scenario/keys.ts';
import { savedMachine } from './scenario/save.ts';
import { shapes } from './sources/shapes.ts';

const root = join(import.meta.dirname, '../..');
const started = Date.now();

function say(text: string): void {
  console.log(`[${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s] ${text}`);
}

async function restore(medium: string, target: string): Promise<void> {
  const options = {
    name: 'demo-restore',
    cdrom: medium,
    disks: [{ file: target, serial: 'BLANK001' }],
    memory: 512,
    boot: 'cdrom',
  } as const;
  if (process.argv.includes('--interactive')) {
    say(
      'The medium boots on this terminal. Restore, then choose Reboot: the machine ends there. Ctrl-] pulls the plug.',
    );
    await interactive(options);
    return;
  }
  const machine = await bootMedium(options);
  try {
    say('the menu is up; pressing the keys: Restore this machine, disk vda, its name, Enter');
    const screen = serialConsole(machine);
    await restoreThrough(screen, 'vda');
    say('the menu says: Restored.');
    await rebootThrough(screen, machine);
  } finally {
    await machine.close();
  }
}

async function bootRestored(target: string): Promise<void> {
  const machine = await Machine.start({
    name: 'demo-boot',
    boot: 'disk',
    disks: [{ file: target, serial: 'BLANK001' }],
  });
  try {
    await machine.login(300);
    machine.send('poweroff\n');
    await machine.expectEnd(120);
  } finally {
    await machine.close();
  }
}

say('building dist/rekindle');
const built = spawnSync(process.execPath, ['build/bundle/main.ts'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
say(
  'a sample Debian machine saves itself from inside (the first time this takes some ten minutes; later it comes from the cache)',
);
const saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000, onLine: say });
say(`the medium is made: ${saved.medium}`);
const work = await mkdtemp(join(cacheDirectory, 'demo-'));
// Ctrl-C leaves no disk image behind; exit ends the machine.
for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    rmSync(work, { recursive: true, force: true });
    process.exit(code);
  });
try {
  const target = await blankDisk(join(work, 'target.img'), `${shapes.mbr.sizeMiB}M`);
  say('the medium boots from CD on a machine with a blank disk');
  await restore(saved.medium, target);
  say('comparing every file of source and target, offline');
  const comparison = compareDisks(await collectDisk(saved.disk), await collectDisk(target));
  console.log(renderComparison(comparison));
  if (comparison.unexpected.length > 0 || comparison.layout !== '') throw new Error('source and target differ');
  say('booting the restored disk alone');
  await bootRestored(target);
  say(
    `restored system reached its login prompt; ${comparison.identical} files identical, ${comparison.allowed.length} allowed differences`,
  );
} finally {
  await rm(work, { recursive: true, force: true });
}
