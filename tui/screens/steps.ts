/**
 * 'step 2 of 3': which of the screens between the menu and a restore. The plan is always the last one; passphrases and sizes,
 * which not every plan asks for, belong to it. Empty where there is only one.
 */
export function stepWords(step: number | undefined, steps: number | undefined): string {
  return step === undefined || steps === undefined || steps < 2 ? '' : `step ${step} of ${steps}`;
}
