import { dirname, join } from 'node:path';
import type { EngineOptions } from './engine-options.ts';
import type { EngineState } from './protocol.ts';
import { VolumeFinder } from './volume-finder.ts';

/** Looks for volumes where this engine's medium is; the state tells which one is waited for. */
export function finderFor(
  { medium, journalFile }: EngineOptions,
  state: EngineState,
  changed: () => void,
): VolumeFinder {
  return new VolumeFinder({
    medium,
    cache: join(dirname(journalFile), 'indexes'),
    isRestoring: () => state.phase === 'restoring',
    onWanted: (wanted) => {
      state.wanted = wanted;
      changed();
    },
  });
}
