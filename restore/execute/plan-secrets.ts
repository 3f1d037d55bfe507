import type { EngineState } from './protocol.ts';

/** The passphrases that a plan names, in memory only: never logged, never journalled. The state has their names. */
export class PlanSecrets {
  readonly given = new Map<string, string>();
  readonly #state: EngineState;
  readonly #changed: () => void;

  constructor(state: EngineState, changed: () => void) {
    this.#state = state;
    this.#changed = changed;
  }

  give(name: string, secret: string): void {
    this.given.set(name, secret);
    this.#state.givenSecrets = [...this.given.keys()];
    this.#changed();
  }
}
