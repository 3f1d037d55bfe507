import { posix } from 'node:path';
import type { Subject } from '../../subject.ts';
import type { BootFile } from '../boot-files.ts';
import type { Interpreter } from './call.ts';
import { commands } from './commands.ts';
import { GrubPlaces, systemDevice } from './places.ts';
import { copyScope, innerScope, joinScopes, type MenuItem, type Scope, unknownText } from './scope.ts';
import { parseGrubScript, type Statement, type Word } from './script.ts';

/** More than any start takes: a script may go in circles. */
const mostSteps = 1_000_000;
const mostFiles = 100;
const mostRounds = 1000;

/** Follows GRUB's scripts as GRUB would, without starting anything. */
export class GrubRun implements Interpreter {
  readonly subject: Subject;
  readonly places: GrubPlaces;
  /** Files that were read, as paths of the system. */
  readonly sources: string[] = [];
  /** Whether a grubenv names an entry for the next start alone. */
  hasNextEntry = false;
  readonly #takesNextEntry: boolean;
  #steps = 0;
  #depth = 0;

  /** @param takesNextEntry whether it is the start that `grub-reboot` asked for */
  constructor(subject: Subject, takesNextEntry = false) {
    this.subject = subject;
    this.places = new GrubPlaces(subject);
    this.#takesNextEntry = takesNextEntry;
  }

  /** Lines of a grubenv: 'saved_entry=0'. */
  takeEnvironment(text: string, scope: Scope, isWanted: (name: string) => boolean): void {
    for (const [, name = '', value = ''] of text.matchAll(/^(\w+)=(.*)$/gm)) {
      if (!isWanted(name)) continue;
      if (name === 'next_entry' && value !== '') {
        this.hasNextEntry = true;
        if (!this.#takesNextEntry) continue;
      }
      scope.variables.set(name, value);
    }
  }

  /** Runs a file as part of the script that names it. @returns whether it was there; null: nobody can say */
  source(file: BootFile, scope: Scope): boolean | null {
    const text = file.path === null ? null : this.subject.root.text(file.path);
    if (file.path === null || text === null) {
      if (file.state !== 'missing') scope.doubts.add(`${file.written} could not be read`);
      return file.state === 'missing' ? false : null;
    }
    if (this.sources.length >= mostFiles) throw new Error(`GRUB's menu is made of more than ${mostFiles} files`);
    this.sources.push(file.path);
    this.list(parseGrubScript(text), scope);
    return true;
  }

  /** Opens the menu of another file in the place of this one (`configfile`, `normal`). */
  open(file: BootFile, scope: Scope): boolean | null {
    const inner = innerScope(scope);
    if (file.path !== null) setConfig(inner, file.path);
    const found = this.source(file, inner);
    if (found === true) scope.menu ??= inner;
    else scope.lost.push(file);
    if (found === null) scope.doubts.add(`${file.written} could not be read`);
    return found;
  }

  /** What choosing an entry does. */
  choose(item: MenuItem, scope: Scope, wanted = ''): Scope {
    const inner = item.isSubmenu ? innerScope(scope) : { ...copyScope(scope), items: [], menu: null };
    inner.words = item.words;
    if (wanted === '') inner.variables.delete('default');
    else inner.variables.set('default', wanted);
    inner.doubts = new Set();
    this.list(item.body, inner);
    return inner;
  }

  list(statements: readonly Statement[], scope: Scope): void {
    this.#depth += 1;
    if (this.#depth > 200) throw new Error("GRUB's menu calls itself without an end");
    for (const statement of statements) {
      this.spend(1);
      this.#statement(statement, scope);
    }
    this.#depth -= 1;
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > mostSteps) throw new Error("GRUB's menu has more commands than any that is real");
  }

  #statement(statement: Statement, scope: Scope): void {
    switch (statement.kind) {
      case 'command':
        this.#command(statement, scope);
        return;
      case 'if':
        this.#choice(statement, 0, scope);
        return;
      case 'function':
        scope.functions.set(statement.name, statement.body);
        return;
      case 'for':
        for (const value of statement.words.flatMap((word) => expandWord(word, scope))) {
          scope.variables.set(statement.name, value);
          this.list(statement.body, scope);
        }
        return;
      case 'loop':
        for (let round = 0; round < mostRounds; round += 1) {
          this.list(statement.condition, scope);
          if (scope.status !== !statement.until) return;
          this.list(statement.body, scope);
        }
    }
  }

  #choice(choice: Extract<Statement, { kind: 'if' }>, index: number, scope: Scope): void {
    const branch = choice.branches[index];
    if (branch === undefined) {
      this.list(choice.otherwise, scope);
      return;
    }
    this.list(branch.condition, scope);
    if (scope.status === true) this.list(branch.body, scope);
    else if (scope.status === false) {
      scope.status = true;
      this.#choice(choice, index + 1, scope);
    } else {
      this.spend(2 * (scope.variables.size + scope.items.length));
      const [one, other] = [copyScope(scope), copyScope(scope)];
      this.list(branch.body, one);
      this.#choice(choice, index + 1, other);
      Object.assign(scope, joinScopes(copyScope(scope), one, other));
    }
  }

  #command({ words, block }: Extract<Statement, { kind: 'command' }>, scope: Scope): void {
    let [name, ...rest] = words.flatMap((word) => expandWord(word, scope));
    const isNegated = name === '!';
    if (isNegated) [name, ...rest] = rest;
    if (name === undefined) return;
    const assigned = rest.length === 0 ? /^(\w+)=(.*)$/s.exec(name) : null;
    const own = scope.functions.get(name);
    if (assigned?.[1] !== undefined) {
      scope.variables.set(assigned[1], assigned[2] ?? '');
      scope.status = true;
    } else if (own !== undefined) {
      const before = scope.words;
      scope.words = rest;
      this.list(own, scope);
      scope.words = before;
    } else scope.status = commands.get(name)?.({ run: this, words: rest, block, scope, name }) ?? null;
    if (isNegated && scope.status !== null) scope.status = !scope.status;
  }
}

/** Where the menu itself lies, for what it reads beside it. */
export function setConfig(scope: Scope, path: string): void {
  scope.variables.set('config_file', `(${systemDevice})${path}`);
  scope.variables.set('config_directory', `(${systemDevice})${posix.dirname(path)}`);
  for (const name of ['config_file', 'config_directory']) scope.exported.add(name);
}

/** What a variable outside of quotes holds is parted at its blanks; nothing is no word. */
export function expandWord(word: Word, scope: Scope): string[] {
  const fields: string[] = [];
  let open: string | null = null;
  for (const part of word) {
    const text = 'text' in part ? part.text : variableOf(part.variable, scope);
    if ('text' in part || part.quoted) {
      open = (open ?? '') + text;
      continue;
    }
    const [first = '', ...more] = text.split(/[ \t\n]+/);
    if (first !== '' || open !== null) open = (open ?? '') + first;
    for (const piece of more) {
      if (open !== null && open !== '') fields.push(open);
      open = piece === '' ? null : piece;
    }
  }
  return open === null ? fields : [...fields, open];
}

function variableOf(name: string, { variables, words, status }: Scope): string {
  if (name === '?') return status === null ? unknownText : status ? '0' : '1';
  if (name === '#') return String(words.length);
  if (name === '@' || name === '*') return words.join(' ');
  return /^\d+$/.test(name) ? (words[Number(name) - 1] ?? '') : (variables.get(name) ?? '');
}
