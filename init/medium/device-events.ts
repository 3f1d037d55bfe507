import { type FSWatcher, watch } from 'node:fs';

/** Device events: a name appears in or goes from /dev. One watch for the whole search, so that none is missed. */
export class DeviceEvents {
  readonly #watcher: FSWatcher | null;
  #pending = false;
  #wake: (() => void) | null = null;

  constructor() {
    this.#watcher = this.#watch();
  }

  #watch(): FSWatcher | null {
    try {
      // 'change' is a write to a terminal, 'rename' a node made or removed.
      const watcher = watch('/dev', (event) => event === 'rename' && this.#notice());
      return watcher.on('error', () => this.#notice());
    } catch {
      return null;
    }
  }

  #notice(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** Resolves at the next event, or after `ms`. */
  async next(ms: number): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#pending = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}
