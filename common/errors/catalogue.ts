import { executeErrors } from './execute.ts';
import { fileSystemErrors } from './file-systems.ts';
import { generalErrors } from './general.ts';
import { initErrors } from './init.ts';
import { partialErrors } from './partial.ts';
import { proofErrors } from './proof.ts';
import { restoreErrors } from './restore.ts';
import { saveErrors } from './save.ts';
import { setErrors } from './set.ts';
import { systemErrors } from './system.ts';

/** What every code means; the page docs/errors.md is made from it. */
export interface ErrorEntry {
  /** What went wrong, one sentence without particulars. */
  title: string;
  /** What the person does next. */
  hint: string;
}

export const catalogue = {
  ...generalErrors,
  ...initErrors,
  ...saveErrors,
  ...setErrors,
  ...restoreErrors,
  ...executeErrors,
  ...fileSystemErrors,
  ...proofErrors,
  ...partialErrors,
  ...systemErrors,
} as const satisfies Record<`RK${number}`, ErrorEntry>;

export type ErrorCode = keyof typeof catalogue;
