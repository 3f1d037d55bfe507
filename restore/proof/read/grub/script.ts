import { bareWord, grubTokens, type Part, type Token } from './words.ts';

export type Word = Part[];

/** GRUB's script (grub-core/script/parser.y). */
export type Statement =
  | { kind: 'command'; words: Word[]; block: Statement[] | null }
  | { kind: 'if'; branches: { condition: Statement[]; body: Statement[] }[]; otherwise: Statement[] }
  | { kind: 'loop'; until: boolean; condition: Statement[]; body: Statement[] }
  | { kind: 'for'; name: string; words: Word[]; body: Statement[] }
  | { kind: 'function'; name: string; body: Statement[] };

/** More than any menu has; each level is a call of this program. */
const deepest = 40;
const mostStatements = 200_000;

/** @throws Error for one that is too large or too deep to be a menu */
export function parseGrubScript(text: string): Statement[] {
  return new Parser(grubTokens(text)).list([]);
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;
  #statements = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  /** Statements up to one of these words, or to a '}'; the end of the file ends all. */
  list(ends: readonly string[]): Statement[] {
    this.#depth += 1;
    if (this.#depth > deepest) throw new Error(`GRUB's menu has more than ${deepest} levels, one in the other`);
    const found: Statement[] = [];
    for (;;) {
      while (this.#peek()?.kind === '\n') this.#at += 1;
      const token = this.#peek();
      if (token === undefined) break;
      if (token.kind === '}') {
        // Nothing opened it at the top: GRUB stumbles over the line and goes on.
        if (this.#depth > 1) break;
        this.#at += 1;
        continue;
      }
      const word = bareWord(token);
      if (word !== null && ends.includes(word)) break;
      found.push(this.#statement(word));
    }
    this.#depth -= 1;
    return found;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #skip(word: string): void {
    while (this.#peek()?.kind === '\n') this.#at += 1;
    if (bareWord(this.#peek()) === word) this.#at += 1;
  }

  #statement(word: string | null): Statement {
    this.#statements += 1;
    if (this.#statements > mostStatements) throw new Error(`GRUB's menu has more than ${mostStatements} commands`);
    if (word === 'if') return this.#choice();
    if (word === 'while' || word === 'until') {
      this.#at += 1;
      const condition = this.list(['do']);
      return { kind: 'loop', until: word === 'until', condition, body: this.#body() };
    }
    if (word === 'for') return this.#each();
    if (word === 'function') return this.#definition();
    return this.#command();
  }

  /** 'do ... done' */
  #body(): Statement[] {
    this.#skip('do');
    const body = this.list(['done']);
    this.#skip('done');
    return body;
  }

  #choice(): Statement {
    const branches: { condition: Statement[]; body: Statement[] }[] = [];
    let otherwise: Statement[] = [];
    for (;;) {
      // 'if' or 'elif'
      this.#at += 1;
      const condition = this.list(['then', 'fi']);
      this.#skip('then');
      branches.push({ condition, body: this.list(['elif', 'else', 'fi']) });
      const word = bareWord(this.#peek());
      if (word === 'elif') continue;
      if (word === 'else') {
        this.#at += 1;
        otherwise = this.list(['fi']);
      }
      this.#skip('fi');
      return { kind: 'if', branches, otherwise };
    }
  }

  #each(): Statement {
    this.#at += 1;
    const name = bareWord(this.#peek()) ?? '';
    this.#at += 1;
    this.#skip('in');
    return { kind: 'for', name, words: this.#words(), body: this.#body() };
  }

  #definition(): Statement {
    this.#at += 1;
    const name = bareWord(this.#peek()) ?? '';
    this.#at += 1;
    while (this.#peek()?.kind === '\n') this.#at += 1;
    return { kind: 'function', name, body: this.#block() ?? [] };
  }

  #command(): Statement {
    const words = this.#words();
    const block = this.#block();
    return { kind: 'command', words, block };
  }

  #words(): Word[] {
    const words: Word[] = [];
    for (let token = this.#peek(); token?.kind === 'word'; token = this.#peek()) {
      words.push(token.parts);
      this.#at += 1;
    }
    return words;
  }

  /** '{ ... }'; null where none begins. */
  #block(): Statement[] | null {
    if (this.#peek()?.kind !== '{') return null;
    this.#at += 1;
    const body = this.list([]);
    if (this.#peek()?.kind === '}') this.#at += 1;
    return body;
  }
}
