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
  consoles: string[];
  modules: string[];
  unknown: string[];
}

export const stages = ['cmdline', 'modules', 'medium', 'rdbase', 'pivot'] as const;
export type Stage = (typeof stages)[number];

function list(value: string): string[] {
  return value.split(',').filter((word) => word !== '');
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
    unknown: [],
  };
  for (const word of text.trim().split(/\s+/)) {
    if (!word.startsWith('rekindle.')) continue;
    const equals = word.indexOf('=');
    const key = word.slice('rekindle.'.length, equals < 0 ? undefined : equals);
    const value = equals < 0 ? '' : word.slice(equals + 1);
    if (!apply(result, key, value)) result.unknown.push(word);
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
  else if (key === 'console') result.consoles.push(...list(value));
  else if (key === 'modules') result.modules.push(...list(value));
  else if (key === 'break' && stage) result.breakAt = stage;
  else return false;
  return true;
}
