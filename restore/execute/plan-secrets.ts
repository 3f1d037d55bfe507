import { RekindleError } from '../../common/errors/error.ts';
import { passphraseOpens } from '../layout/luks.ts';
import type { Plan } from '../plan/step.ts';
import type { EngineState } from './protocol.ts';

/** Names of the secrets that these steps take. */
export function secretsIn({ steps }: Plan, order: readonly number[]): string[] {
  const names = order.flatMap(
    (index) => steps[index]?.actions.flatMap((action) => (action.type === 'run' ? (action.secret ?? []) : [])) ?? [],
  );
  return [...new Set(names)];
}

/** The passphrases that a plan names, in memory only: never logged, never journalled. The state has their names. */
export class PlanSecrets {
  readonly given = new Map<string, string>();
  readonly #state: EngineState;
  readonly #changed: () => void;

  constructor(state: EngineState, changed: () => void) {
    this.#state = state;
    this.#changed = changed;
  }

  /** @throws RekindleError RK488 for a passphrase that does not open what it is for; what is not there yet shows it later */
  async give(name: string, secret: string): Promise<void> {
    const device = this.#state.plan?.secrets?.find((wanted) => wanted.name === name)?.opens;
    if (device !== undefined && (await passphraseOpens(device, secret)) === false)
      throw new RekindleError('RK488', device);
    this.given.set(name, secret);
    this.#state.givenSecrets = [...this.given.keys()];
    this.#changed();
  }

  /** One of them opened nothing: they are asked for again. */
  forget(): void {
    this.given.clear();
    this.#state.givenSecrets = [];
    this.#changed();
  }
}
