import { setTimeout as sleep } from 'node:timers/promises';
import { render } from 'ink';
import { useState } from 'react';
import { engineSocket } from '../restore/execute/protocol.ts';
import { App } from './app.tsx';
import { EngineClient } from './client.ts';
import { type Route, ScreenContext } from './context.ts';
import { asciiGlyphs, chooseGlyphs } from './glyphs.ts';
import { runShell } from './shell/run-shell.ts';
import { clearScreen, findSize, type Size } from './terminal.ts';

/** Ink draws at most this often: a serial line takes 11 kB a second. */
const framesPerSecond = 8;

interface MenuOptions {
  socket?: string;
  ascii?: boolean;
}

/** `rekindle menu`: one menu on one terminal, a client of the engine. Leaves only with its terminal. */
export async function runMenu(options: MenuOptions = {}): Promise<void> {
  // Ink goes silent when it believes to be in a build.
  for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) delete process.env[name];
  const size = await findSize(process.stdin, process.stdout);
  const client = new EngineClient(options.socket ?? engineSocket);
  const glyphs = options.ascii ? asciiGlyphs : chooseGlyphs(process.env);
  const consoleName = process.env.REKINDLE_CONSOLE ?? '';
  let route: Route = { name: 'menu' };
  for (;;) {
    const left = await showMenu({ client, glyphs, consoleName, size, route });
    route = left.route;
    await runShell(process.stdin, process.stdout, size).catch(waitAfter);
  }
}

/** A shell that does not start must not take the menu with it. */
async function waitAfter(error: unknown): Promise<void> {
  process.stdout.write(`The shell did not start: ${error instanceof Error ? error.message : String(error)}\r\n`);
  process.stdout.write('The shells on tty2 to tty4 (Alt-F2) do not need it. The menu comes back in 5 seconds.\r\n');
  await sleep(5000);
}

interface Shown {
  client: EngineClient;
  glyphs: ReturnType<typeof chooseGlyphs>;
  consoleName: string;
  size: Size;
  route: Route;
}

interface MenuProps extends Shown {
  onRoute: (route: Route) => void;
  onShell: () => void;
}

function Menu({ client, glyphs, size, consoleName, route, onRoute, onShell }: MenuProps) {
  const [where, setWhere] = useState(route);
  const go = (next: Route): void => {
    onRoute(next);
    setWhere(next);
  };
  return (
    <ScreenContext.Provider value={{ client, glyphs, size, consoleName, go, openShell: onShell }}>
      <App route={where} />
    </ScreenContext.Provider>
  );
}

/** Shows the menu until the user wants a shell. */
async function showMenu(shown: Shown): Promise<{ route: Route }> {
  clearScreen(process.stdout);
  let { route } = shown;
  const remember = (next: Route): void => {
    route = next;
  };
  const instance = render(<Menu {...shown} onRoute={remember} onShell={() => instance.unmount()} />, {
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: true,
    maxFps: framesPerSecond,
    interactive: true,
  });
  await instance.waitUntilExit();
  return { route };
}
