import type { Subject } from '../../subject.ts';
import type { BootFile } from '../boot-files.ts';
import type { GrubPlaces } from './places.ts';
import type { Scope, Truth } from './scope.ts';
import type { Statement } from './script.ts';

/** What carries commands out: a start of GRUB that is followed. */
export interface Interpreter {
  readonly subject: Subject;
  readonly places: GrubPlaces;
  /** Files that were read, as paths of the system. */
  readonly sources: string[];
  /** Lines of a grubenv: 'saved_entry=0'. */
  takeEnvironment(text: string, scope: Scope, isWanted: (name: string) => boolean): void;
  /** Runs a file as part of the script that names it. @returns whether it was there; null: nobody can say */
  source(file: BootFile, scope: Scope): boolean | null;
  /** Opens the menu of another file in the place of this one. */
  open(file: BootFile, scope: Scope): boolean | null;
  list(statements: readonly Statement[], scope: Scope): void;
}

/** A command with what is around it. */
export interface Call {
  run: Interpreter;
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
