import { type Check, cannotTell } from './check.ts';
import { lookAtMenu } from './checks/boot-menu.ts';
import { readTarget } from './read/target.ts';

/** A check of what the boot menu starts. Where that is not known, what was found of the likeliest proves nothing. */
export function ofTarget(run: Check['run']): Check['run'] {
  return async (subject) => {
    const verdict = await run(subject);
    const { unsure, entry } = readTarget(subject);
    if (verdict === null || verdict.result === 'cannot-tell' || unsure === null || entry === null) return verdict;
    return cannotTell(`${unsure}; of the likeliest, "${entry.title}": ${verdict.detail}`, lookAtMenu);
  };
}
