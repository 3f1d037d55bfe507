import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnOwn } from './children.ts';
import { log } from './log.ts';
import { environment, supervise } from './supervise.ts';

const daemons = ['/usr/lib/systemd/systemd-udevd', '/lib/systemd/systemd-udevd', '/sbin/udevd'];

function runOnce(file: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawnOwn(file, args, { stdio: 'ignore', env: environment });
    child.on('error', (error) => {
      log(`${file}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => {
      if (code !== 0) log(`${file} ${args.join(' ')}: exit ${code}`);
      resolve(code ?? 1);
    });
  });
}

/** udevd takes requests only once its control socket is there. */
async function untilItAnswers(): Promise<void> {
  for (let attempt = 0; attempt < 100 && !existsSync('/run/udev/control'); attempt += 1) await sleep(100);
  await runOnce('udevadm', ['control', '--ping', '--timeout=20']);
}

/** Starts udevd and lets it see what is there already: drivers, links, ids. Runs beside the menu; never rejects. */
export async function startUdev(): Promise<void> {
  const daemon = daemons.find((path) => existsSync(path));
  if (!daemon) {
    log('no udevd on the medium: devices that are plugged in later may need modprobe by hand');
    return;
  }
  supervise({ name: 'udevd', argv: [daemon] });
  await untilItAnswers();
  await runOnce('udevadm', ['trigger', '--action=add', '--type=subsystems']);
  await runOnce('udevadm', ['trigger', '--action=add', '--type=devices']);
  await runOnce('udevadm', ['settle', '--timeout=60']);
  log('devices are settled');
}
