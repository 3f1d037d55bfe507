import { addParameters, normalizeName } from './modules/database.ts';

/** A console that the user asked for besides the kernel's own. */
export interface ExtraConsole {
  /** 'ttyS1' */
  name: string;
  /** Bits per second; null leaves the line as it is. */
  speed: number | null;
}

/** The kernel command line as init understands it. Unknown `rekindle.` words are kept, to be named in a warning. */
export interface CommandLine {
  set: string | null;
  auto: string | null;
  answer: string | null;
  shell: boolean;
  debug: boolean;
  toram: boolean;
  /** Stage before which to stop for a shell. */
  breakAt: Stage | null;
  consoles: ExtraConsole[];
  modules: string[];
  /** modprobe.blacklist= */
  blacklist: string[];
  /** `usb_storage.quirks=...` by module: what modprobe(8) would hand to a module that is loaded later. */
  parameters: Map<string, string>;
  unknown: string[];
}

export const stages = ['cmdline', 'modules', 'medium', 'rdbase', 'pivot'] as const;
export type Stage = (typeof stages)[number];

function list(value: string): string[] {
  return value.split(',').filter((word) => word !== '');
}

/** Words of the command line; double quotes protect blanks, as in the kernel's own next_arg(). */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*(?:"|$))+/g)].map(([word]) => word.replaceAll('"', ''));
}

/** Parses /proc/cmdline. Later words win; a switch may be written `rekindle.debug` or `rekindle.debug=1`. */
export function parseCommandLine(text: string): CommandLine {
  const result: CommandLine = {
    set: null,
    auto: null,
    answer: null,
    shell: false,
    debug: false,
    toram: false,
    breakAt: null,
    consoles: [],
    modules: [],
    blacklist: [],
    parameters: new Map(),
    unknown: [],
  };
  for (const word of wordsOf(text)) {
    const match = /^([\w-]+)\.([^=]+)(?:=(.*))?$/s.exec(word);
    if (!match) continue;
    const [, room = '', key = '', value] = match;
    if (room === 'rekindle') {
      if (!apply(result, key, value ?? '')) result.unknown.push(word);
    } else if (room === 'modprobe') {
      if (key === 'blacklist') result.blacklist.push(...list(value ?? '').map(normalizeName));
    } else {
      // The kernel wants the quotes back around a value with blanks.
      const quoted = value !== undefined && /\s/.test(value) ? `"${value}"` : value;
      addParameters(result.parameters, normalizeName(room), quoted === undefined ? key : `${key}=${quoted}`);
    }
  }
  return result;
}

function apply(result: CommandLine, key: string, value: string): boolean {
  const on = value !== '0' && value !== 'no';
  const stage = stages.find((name) => name === value);
  if (key === 'set') result.set = value.toLowerCase();
  else if (key === 'auto') result.auto = value;
  else if (key === 'answer') result.answer = value;
  else if (key === 'shell') result.shell = on;
  else if (key === 'debug') result.debug = on;
  else if (key === 'toram') result.toram = on;
  else if (key === 'console') result.consoles.push(...parseConsoles(value));
  else if (key === 'modules') result.modules.push(...list(value));
  else if (key === 'break' && stage) result.breakAt = stage;
  else return false;
  return true;
}

/** `ttyS1,115200n8,ttyS2`: names, a speed behind a name belongs to it (the kernel's own notation). */
function parseConsoles(value: string): ExtraConsole[] {
  const consoles: ExtraConsole[] = [];
  for (const word of list(value)) {
    const last = consoles.at(-1);
    const speed = /^(\d+)([noe]\d?)?r?$/.exec(word)?.[1];
    if (speed && last) last.speed = Number(speed);
    else consoles.push({ name: word.replace(/^\/dev\//, ''), speed: null });
  }
  return consoles;
}
