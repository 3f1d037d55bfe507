import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { run } from '../../../../common/run.ts';
import type { Action } from '../../../../restore/plan/step.ts';

/** Carries out the plain actions of a step for real; tests of planning need no engine. */
export async function carryOut(actions: readonly Action[]): Promise<void> {
  for (const action of actions) {
    if (action.type === 'run') {
      const { argv, input, okExit } = action;
      await run(argv, { ...(input === undefined ? {} : { input }), ...(okExit === undefined ? {} : { okExit }) });
    } else if (action.type === 'write-file') {
      await mkdir(dirname(action.path), { recursive: true });
      await writeFile(action.path, action.content, { mode: action.mode });
    } else if (action.type === 'mkdir') {
      await mkdir(action.path, { recursive: true, mode: action.mode });
    } else {
      throw new TypeError(`${action.type} is the engine's`);
    }
  }
}
