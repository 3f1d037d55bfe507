/** An outside command that ended. */
export interface CommandRun {
  argv: readonly string[];
  startedAt: Date;
  milliseconds: number;
  /** 'exit 0', 'SIGKILL', 'ENOENT' */
  end: string;
  /** Words that only its owner may see: a hook's, which the settings file has. */
  hidden: boolean;
}

type Listener = (command: CommandRun) => void;
const listeners = new Set<Listener>();

/** Tells of every outside command when it has ended. @returns no longer */
export function onCommandRun(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Whoever starts a command says so, and with what is returned how it ended. */
export function commandStarted(argv: readonly string[], hidden = false): (end: string) => void {
  const startedAt = new Date();
  const start = performance.now();
  return (end) => {
    for (const listener of listeners)
      listener({ argv, startedAt, milliseconds: performance.now() - start, end, hidden });
  };
}
