import { reboot, sync } from '@rekindle/linux-syscalls';
import { reportOf } from '../common/errors/error.ts';
import { ask } from './ask.ts';
import { boot } from './boot.ts';
import { tearDown } from './root/tear-down.ts';
import { flushLog, note, say, sayReport } from './say.ts';
import { runShell } from './shell.ts';
import { runStage2 } from './stage2/main.ts';

/** PID 1 in the initramfs: from the kernel's hand-over to the rescue system. It neither returns nor throws. */
export async function runInit(): Promise<never> {
  // Without a timer Node would end when all it waits for is a terminal that went away: a kernel panic.
  setInterval(() => undefined, 1 << 30);
  // As its default action SIGUSR1 makes Node listen for a debugger.
  for (const signal of ['SIGUSR1', 'SIGHUP', 'SIGPIPE', 'SIGTERM'] as const) process.on(signal, () => undefined);
  await untilItWorks(boot, tearDown);
  flushLog();
  // The same process goes on: to start Node again would cost the person seconds of waiting.
  return runStage2();
}

/** Tries, and after a failure tries again when the person says so. What is thrown outside of the attempt fails it too. */
async function untilItWorks<T>(attempt: () => Promise<T>, takeBack: () => void): Promise<T> {
  for (;;) {
    const unforeseen = Promise.withResolvers<never>();
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      process.removeAllListeners(event).on(event, (error: unknown) => unforeseen.reject(error));
    unforeseen.promise.catch(() => undefined);
    try {
      return await Promise.race([attempt(), unforeseen.promise]);
    } catch (error) {
      takeBack();
      await offerHelp(error);
    }
  }
}

/** Says what failed and what can be done; returns when the person wants another attempt. */
async function offerHelp(error: unknown): Promise<void> {
  const report = reportOf(error);
  if (report.code === 'RK001' && error instanceof Error) note(error.stack ?? error.message);
  for (;;) {
    sayReport(report);
    flushLog();
    const { choice, console } = await ask(['retry', 'shell', 'boot again', 'power off']);
    if (choice === 'retry') return;
    if (choice === 'shell') await runShell([console]);
    else leave(choice === 'power off' ? 'powerOff' : 'restart');
  }
}

function leave(how: 'powerOff' | 'restart'): void {
  sync();
  try {
    reboot(how);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
