import type { BootFile } from '../boot-files.ts';
import type { GrubRun } from './run.ts';
import type { Scope, Truth } from './scope.ts';
import type { Statement } from './script.ts';

/** A command with what is around it. */
export interface Call {
  run: GrubRun;
  name: string;
  words: string[];
  block: Statement[] | null;
  scope: Scope;
}
export type Command = (call: Call) => Truth;

/** The file that a command names. */
export function fileOf({ run, scope }: Call, written: string): BootFile {
  return run.places.file(written, scope.variables);
}

export function truthOf({ state }: BootFile): Truth {
  return state === 'there' ? true : state === 'missing' ? false : null;
}
