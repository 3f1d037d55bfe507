import { RekindleError } from '../../common/errors/error.ts';
import { nameToType, type Plan } from '../plan/step.ts';
import { consentFor, type EngineState } from './protocol.ts';

/**
 * Could wipe a disk that nobody meant: what was typed must be what this plan, and what is known of the backup, ask for.
 * @throws RekindleError RK301, RK455 to RK457, RK464, RK465
 */
export function assertConsent(state: EngineState, digest: string, confirm: string): Plan {
  const { plan, salvage, unverified } = state;
  if (state.phase === 'restoring') throw new RekindleError('RK457', 'started before');
  if (!plan || plan.digest !== digest) throw new RekindleError('RK456', 'the disks or the medium changed');
  assertSecrets(plan, state.givenSecrets ?? []);
  if (salvage?.status === 'impossible') throw new RekindleError('RK301', salvage.reason);
  const name = nameToType(plan);
  if (confirm === consentFor(name, state)) return plan;
  if (confirm !== name) throw new RekindleError('RK455', `typed "${confirm}", the disk is ${name}`);
  if (salvage !== null) throw new RekindleError('RK465', state.verification.damage.join('; '));
  throw new RekindleError('RK464', `${unverified.join(', ')} is not here`);
}

/** @param wanted names of those that are needed; without it all @throws RekindleError RK426 naming each that was not given */
export function assertSecrets({ secrets }: Plan, given: readonly string[], wanted?: readonly string[]): void {
  const missing = (secrets ?? []).filter(
    ({ name }) => !given.includes(name) && (wanted === undefined || wanted.includes(name)),
  );
  if (missing.length > 0) throw new RekindleError('RK426', missing.map(({ title }) => title).join(', '));
}
