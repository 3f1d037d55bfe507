import { renderReport, reportOf } from '../common/errors/error.ts';
import { printErrorLines } from '../common/print.ts';
import { exitCodeOf } from './exit-of-error.ts';
import { endWithoutReader } from './output-gone.ts';

/**
 * One executable, many roles: PID 1 is init and then the supervisor, `engine` and `menu` are its children, everything
 * else is the command line.
 * Rooms are loaded on demand: init must not pay for Ink.
 */
export async function dispatch(pid: number, argv: readonly string[]): Promise<void> {
  const role = argv[2];
  if (pid === 1) return (await import('../init/main.ts')).runInit();
  try {
    if (role === 'engine') return await (await import('../restore/execute/main.ts')).runEngine(argv.slice(3));
    if (role === 'menu') return await runMenu(argv.slice(3));
    endWithoutReader();
    process.exitCode = await (await import('./commands.ts')).runCommandLine(argv);
  } catch (error) {
    const report = reportOf(error);
    printErrorLines(`rekindle: ${renderReport(report)}`.split('\n'));
    const { originOf } = await import('./loudness.ts');
    printErrorLines(originOf(error, report.code === 'RK001'));
    process.exitCode = exitCodeOf(report.code);
  }
}

/** @param options `--prepared CONSOLE`: PID 1 started it ahead of time */
async function runMenu(options: readonly string[]): Promise<void> {
  const menu = await import('../tui/main.tsx');
  const [prepared, console = ''] = options;
  if (prepared !== '--prepared') return menu.runMenu();
  await menu.warmUp();
  const { enterRescueSystem } = await import('../init/prepared-menu.ts');
  return menu.runMenu({ terminal: await enterRescueSystem(console) });
}
