import { RekindleError } from '../../common/errors/error.ts';
import type { Plan } from '../plan/step.ts';

/** The passphrases that a plan names, in memory only: never logged, never journalled. */
export class PlanSecrets {
  readonly #given = new Map<string, string>();
  readonly #onChange: (names: string[]) => void;

  constructor(onChange: (names: string[]) => void) {
    this.#onChange = onChange;
  }

  give(name: string, secret: string): void {
    this.#given.set(name, secret);
    this.#onChange([...this.#given.keys()]);
  }

  /** All that were given, for the plan's actions. @throws RekindleError RK426 naming each that is missing */
  forPlan(plan: Plan): ReadonlyMap<string, string> {
    const missing = (plan.secrets ?? []).filter(({ name }) => !this.#given.has(name));
    if (missing.length > 0) throw new RekindleError('RK426', missing.map(({ title }) => title).join(', '));
    return this.#given;
  }
}
