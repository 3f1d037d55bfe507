import type { EngineState } from './protocol.ts';

/** Before anything was read. */
export function initialState(): EngineState {
  return {
    phase: 'starting',
    set: null,
    problem: null,
    untrusted: null,
    verification: { status: 'idle', bytesDone: 0, bytesTotal: 0, damage: [] },
    locked: false,
    wanted: null,
    unverified: [],
    chain: [],
    salvage: null,
    lost: null,
    plan: null,
    progress: null,
    warnings: [],
    proof: [],
    failure: null,
    written: '',
    continueAt: null,
    skippable: null,
    skipped: [],
    countdown: null,
    log: [],
  };
}
