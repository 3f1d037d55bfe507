import { type Key, useInput } from 'ink';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { EngineState, PartScope } from '../restore/execute/protocol.ts';
import type { EngineClient } from './client.ts';
import type { Glyphs } from './glyphs.ts';
import type { Size } from './terminal.ts';

/** What outlives a redraw: the choice in the menu, and what was chosen before it could be opened. */
export interface Kept {
  choice: string | null;
  waiting: string | null;
}

/** What every screen has at hand. */
export interface Screen {
  kept: Kept;
  client: EngineClient;
  glyphs: Glyphs;
  size: Size;
  consoleName: string;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Leaves Ink for the shell; the same screen comes back. */
  openShell: () => void;
  /** Draws the whole screen again: something else wrote on the terminal. */
  redraw: () => void;
  go: (route: Route) => void;
  /** A screen that takes text gets every key, ! and ? too. */
  setTyping: (typing: boolean) => void;
  isTyping: () => boolean;
}

/** Where the user is. `before`: steps that led here, `step`: which one it is, both for people who count. */
export type Route =
  | { name: 'menu' }
  /** The menu, although the last restore failed and was looked at. */
  | { name: 'after-failure' }
  /** Which part of the machine comes back. */
  | { name: 'part' }
  | { name: 'file-system' }
  /** The menu, although the last restore, of a part, has ended. */
  | { name: 'after-part' }
  | { name: 'disks'; readOnly: boolean; only?: PartScope; before?: number | undefined }
  | { name: 'plan'; readOnly: boolean; step?: number | undefined }
  /** The restore that stopped goes on: what it needs to know is asked for. */
  | { name: 'continue' }
  /** Other sizes for what the plan makes. */
  | { name: 'sizes'; step?: number | undefined }
  | { name: 'logs' }
  /** The files that a damaged backup does not give back. */
  | { name: 'losses' }
  | { name: 'unlock' }
  /** A set that was refused for its signature. */
  | { name: 'trust' }
  | { name: 'power'; action: 'reboot' | 'poweroff' }
  | { name: 'help'; back: Route };

export const ScreenContext = createContext<Screen | null>(null);

export function useScreen(): Screen {
  const screen = useContext(ScreenContext);
  if (!screen) throw new Error('a screen outside of the menu');
  return screen;
}

/** The engine's state, live; null until the first one came. */
export function useEngineState(): EngineState | null {
  const { client } = useScreen();
  return useSyncExternalStore(
    (listener) => client.subscribe(listener),
    () => client.state,
  );
}

/** Whether the engine answers now. */
export function useConnected(): boolean {
  const { client } = useScreen();
  return useSyncExternalStore(
    (listener) => client.subscribe(listener),
    () => client.connected,
  );
}

/** The keys of one screen. What is pressed with Ctrl is the whole menu's. */
export function useKeys(onKey: (input: string, key: Key) => void): void {
  useInput((input, key) => {
    if (!key.ctrl) onKey(input, key);
  });
}

/** Of what a key or a paste brought: all that stands in a name. Devices have a slash in theirs, folders anything. */
export function typeable(input: string): string {
  return input.replaceAll(/\p{C}/gu, '');
}

/** Pasted text, or keys that a slow line brings at once: what stands before Enter, and whether Enter came. */
export function untilEnter(input: string): { text: string; entered: boolean } {
  const [text = '', ...rest] = input.split(/[\r\n]/);
  return { text, entered: rest.length > 0 };
}
