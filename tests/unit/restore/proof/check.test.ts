import { describe, expect, it } from 'vitest';
import { cannotTell, verdictOf, verdictOfAll } from '../../../../restore/proof/check.ts';
import { summarizeProof } from '../../../../restore/proof/proof-schema.ts';

const words = { hint: 'Mend it.', good: '3 lines', unknownHint: 'Look there.' };

describe('[C11] three verdicts', () => {
  it('what nobody can know is no pass', () => {
    const verdict = verdictOfAll({ problems: [], unknown: ['a stick'], notes: ['one is optional'] }, words);
    expect(verdict).toEqual({ result: 'cannot-tell', detail: 'a stick (one is optional)', hint: 'Look there.' });
  });

  it('what is wrong weighs more, and what is unknown is told beside it', () => {
    const verdict = verdictOfAll({ problems: ['gone'], unknown: ['a stick'] }, words);
    expect(verdict).toEqual({ result: 'fail', detail: 'gone (not known: a stick)', hint: 'Mend it.' });
  });

  it('passes with its notes where all is known', () => {
    const passed = { result: 'pass', detail: '3 lines (one is optional)', hint: null };
    expect(verdictOfAll({ problems: [], notes: ['one is optional'] }, words)).toEqual(passed);
    expect(verdictOf([], 'Mend it.', '3 lines', ['one is optional'])).toEqual(passed);
  });

  it('always says what to do', () => {
    expect(cannotTell('Why.').hint).toMatch(/^Look at it yourself/);
    expect(cannotTell('Why.', 'Look there.').hint).toBe('Look there.');
  });

  it('is counted by itself', () => {
    const proof = { id: 'fstab', title: '', stopsBoot: true, ...cannotTell('Why.') };
    expect(summarizeProof([proof])).toBe('0 of 1 proven, 1 unknown');
  });
});
