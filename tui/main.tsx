import { setTimeout as sleep } from 'node:timers/promises';
import { render, renderToString } from 'ink';
import { useRef, useState } from 'react';
import { engineSocket } from '../restore/execute/protocol.ts';
import { App } from './app.tsx';
import { EngineClient } from './client.ts';
import { type Kept, type Route, ScreenContext } from './context.ts';
import { asciiGlyphs, chooseGlyphs } from './glyphs.ts';
import { loadLayoutEngine } from './layout-engine.ts';
import { runShell } from './shell/run-shell.ts';
import { clearScreen, divertWarnings, findSize, type Size, type Terminal } from './terminal.ts';

/** Ink draws at most this often: a serial line takes 11 kB a second. */
const framesPerSecond = 8;
const warningsFile = '/run/rekindle/menu-warnings.log';

const busyMs = 1000;

interface MenuOptions {
  socket?: string;
  ascii?: boolean;
  terminal?: Terminal;
  /** Milliseconds since 1970. */
  clock?: () => number;
}

/** `rekindle menu`: one menu on one terminal, a client of the engine. Leaves only with its terminal. */
export async function runMenu(options: MenuOptions = {}): Promise<void> {
  // Ink goes silent when it believes to be in a build.
  for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) delete process.env[name];
  divertWarnings(warningsFile);
  const terminal = options.terminal ?? { input: process.stdin, output: process.stdout };
  const client = new EngineClient(options.socket ?? engineSocket);
  // A running engine's state comes before the first picture, unless it is too busy to say it.
  await Promise.all([loadLayoutEngine(), Promise.race([client.ready, sleep(busyMs)])]);
  const glyphs = options.ascii ? asciiGlyphs : chooseGlyphs(process.env);
  const consoleName = process.env.REKINDLE_CONSOLE ?? '';
  const { clock = Date.now } = options;
  const kept: Kept = { choice: null, waiting: null };
  let route: Route = { name: 'menu' };
  for (;;) {
    // Each time: on UEFI the Linux console gets its real size with the first text, when the firmware's picture gives way.
    const size = await findSize(terminal);
    const left = await showMenu({ terminal, client, glyphs, consoleName, clock, size, route, kept });
    route = left.route;
    if (left.why === 'hang-up') break;
    if (left.why === 'shell') await runShell(terminal, size).catch((error) => waitAfter(terminal, error));
  }
  client.close();
}

/** Loads and compiles all that the first picture needs, by drawing one that nobody sees. */
export async function warmUp(): Promise<void> {
  await loadLayoutEngine();
  const client = new EngineClient('/run/rekindle/nobody');
  const size = { columns: 80, rows: 24 };
  const glyphs = chooseGlyphs(process.env);
  const nothing = (): void => undefined;
  const route: Route = { name: 'menu' };
  const kept: Kept = { choice: null, waiting: null };
  renderToString(
    <Menu
      {...{ client, glyphs, size, route, kept }}
      clock={Date.now}
      consoleName=""
      onRoute={nothing}
      onLeave={nothing}
    />,
    size,
  );
  client.close();
}

/** A shell that does not start must not take the menu with it. */
async function waitAfter({ output }: Terminal, error: unknown): Promise<void> {
  output.write(`The shell did not start: ${error instanceof Error ? error.message : String(error)}\r\n`);
  output.write('The shells on tty2 to tty4 (Alt-F2) do not need it. The menu comes back in 5 seconds.\r\n');
  await sleep(5000);
}

interface Shown {
  terminal: Terminal;
  client: EngineClient;
  glyphs: ReturnType<typeof chooseGlyphs>;
  consoleName: string;
  clock: () => number;
  size: Size;
  route: Route;
  kept: Kept;
}

interface MenuProps extends Omit<Shown, 'terminal'> {
  onRoute: (route: Route) => void;
  onLeave: (why: Leaving) => void;
}

function Menu({ client, glyphs, size, consoleName, clock, route, kept, onRoute, onLeave }: MenuProps) {
  const [where, setWhere] = useState(route);
  const typing = useRef(false);
  const go = (next: Route): void => {
    onRoute(next);
    setWhere(next);
  };
  return (
    <ScreenContext.Provider
      value={{
        kept,
        client,
        glyphs,
        size,
        consoleName,
        clock,
        go,
        openShell: () => onLeave('shell'),
        redraw: () => onLeave('redraw'),
        setTyping: (now) => {
          typing.current = now;
        },
        isTyping: () => typing.current,
      }}
    >
      <App route={where} />
    </ScreenContext.Provider>
  );
}

type Leaving = 'shell' | 'redraw' | 'resize' | 'hang-up';

/** Shows the menu until the user wants a shell or a clean screen, or goes away. */
async function showMenu(shown: Shown): Promise<{ route: Route; why: Leaving }> {
  const { input, output } = shown.terminal;
  clearScreen(output);
  let { route } = shown;
  const remember = (next: Route): void => {
    route = next;
  };
  let why: Leaving = 'redraw';
  const leave = (reason: Leaving): void => {
    why = reason;
    instance.unmount();
  };
  const instance = render(<Menu {...shown} onRoute={remember} onLeave={leave} />, {
    stdin: input,
    stdout: output,
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: true,
    maxFps: framesPerSecond,
    interactive: true,
  });
  const hangUp = (): void => leave('hang-up');
  const resize = (): void => leave('resize');
  input.once('end', hangUp);
  output.once('resize', resize);
  await instance.waitUntilExit();
  input.off('end', hangUp);
  output.off('resize', resize);
  return { route, why };
}
