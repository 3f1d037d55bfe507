import { RekindleError } from '../../common/errors/error.ts';
import { describeEnd, describeNotes } from './describe-saved.ts';
import { type Execution, executePlan } from './execute-plan.ts';
import { journalKeyOf } from './journal-key.ts';
import { log } from './log.ts';
import { mountUnproven } from './mount-unproven.ts';
import type { OpenedChain } from './opened-chain.ts';
import type { EngineState } from './protocol.ts';
import type { Checked } from './verifier.ts';

export interface CarryOut extends Omit<Execution, 'set' | 'accessOf' | 'journalKey'> {
  opened: OpenedChain;
  state: EngineState;
  verify: () => Promise<Checked[]>;
  /** Where PID 1 put what it knows of the medium. */
  sealFile: string | undefined;
}

/** From the last check to the last step. Nothing on a disk is touched before the whole set was read and found good. */
export async function carryOut({ opened, state, verify, sealFile, ...execution }: CarryOut): Promise<void> {
  const { losses } = execution;
  const locked = opened.sets.filter((each) => each.locked).map(({ name }) => name);
  if (locked.length > 0) throw new RekindleError('RK315', `not opened yet: ${locked.join(', ')}`);
  const checked = await verify();
  if (checked.every(({ damage }) => damage.length === 0)) losses.forget();
  else if (!losses.covers(opened, checked)) {
    await losses.afterDamage(opened, checked);
    throw new RekindleError(state.lost ? 'RK466' : 'RK301', state.verification.damage.join('; '));
  }
  const key = await journalKeyOf(opened.wanted, sealFile);
  const journalKey = key === 'locked' ? null : key;
  const whole = { ...execution, journalKey, set: opened.set, accessOf: (set: string) => opened.accessOf(set) };
  const notes = await executePlan(whole);
  state.mounted = await mountUnproven(execution.plan, state.proof, { ...whole, onExtract: () => undefined });
  state.warnings.push(...notes, ...describeNotes(opened.set));
  state.phase = 'restored';
  log(describeEnd(state));
}
