import { RekindleError } from '../../common/errors/error.ts';
import { describeEnd, describeNotes } from './describe-saved.ts';
import { type Execution, executePlan } from './execute-plan.ts';
import { log } from './log.ts';
import { mountUnproven } from './mount-unproven.ts';
import type { OpenedChain } from './opened-chain.ts';
import type { EngineState } from './protocol.ts';
import type { Checked } from './verifier.ts';

export interface CarryOut extends Omit<Execution, 'set' | 'accessOf'> {
  opened: OpenedChain;
  state: EngineState;
  verify: () => Promise<Checked[]>;
}

/** From the last check to the last step. Nothing on a disk is touched before the whole set was read and found good. */
export async function carryOut({ opened, state, verify, ...execution }: CarryOut): Promise<void> {
  const { losses } = execution;
  if (opened.locked) throw new RekindleError('RK315', `set ${opened.set.info.set}`);
  const checked = await verify();
  if (checked.every(({ damage }) => damage.length === 0)) losses.forget();
  else if (!losses.covers(opened, checked)) {
    await losses.afterDamage(opened, checked);
    throw new RekindleError(state.lost ? 'RK466' : 'RK301', state.verification.damage.join('; '));
  }
  const whole = { ...execution, set: opened.set, accessOf: (set: string) => opened.accessOf(set) };
  const notes = await executePlan(whole);
  state.mounted = await mountUnproven(execution.plan, state.proof, { ...whole, onExtract: () => undefined });
  state.warnings.push(...notes, ...describeNotes(opened.set));
  state.phase = 'restored';
  log(describeEnd(state));
}
