import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnOwn } from './children.ts';
import { environment } from './environment.ts';
import { log } from './log.ts';
import { supervise } from './supervise.ts';

const daemons = ['/usr/lib/systemd/systemd-udevd', '/lib/systemd/systemd-udevd', '/usr/sbin/udevd', '/sbin/udevd'];

/** Runs a tool to its end; what failed is in the log. Never rejects. */
function runTool(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawnOwn(file, args, { stdio: 'ignore', env: environment });
    child.on('error', (error) => {
      log(`${file}: ${error.message}`);
      resolve();
    });
    child.on('exit', (code) => {
      if (code !== 0) log(`${file} ${args.join(' ')}: exit ${code}`);
      resolve();
    });
  });
}

const controlSocket = '/run/udev/control';
const startMs = 20_000;

/** Events that are triggered before udevd listens are lost. */
async function untilUdevListens(): Promise<void> {
  const deadline = performance.now() + startMs;
  while (!existsSync(controlSocket) && performance.now() < deadline) await sleep(20);
  await runTool('udevadm', ['control', '--ping', '--timeout=20']);
}

/** Starts udevd and lets it see what is there already: drivers, links, ids. Runs beside the menu; never rejects. */
export async function startUdev(): Promise<void> {
  const daemon = daemons.find((path) => existsSync(path));
  if (!daemon) {
    log('no udevd on the medium: devices that are plugged in later may need modprobe by hand');
    return;
  }
  supervise({ name: 'udevd', argv: [daemon], urgent: false });
  await untilUdevListens();
  await runTool('udevadm', ['trigger', '--action=add', '--type=subsystems']);
  await runTool('udevadm', ['trigger', '--action=add', '--type=devices']);
  await runTool('udevadm', ['settle', '--timeout=60']);
  log('devices are settled');
}
