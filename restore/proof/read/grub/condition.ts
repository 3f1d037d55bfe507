import { isUnknown, type Truth } from './scope.ts';

/** What 'test' asks of a file: null where nobody can say. */
export type FileKind = (path: string) => 'file' | 'empty' | 'directory' | 'missing' | null;

/** GRUB's '[ ... ]' (grub-core/commands/test.c). */
export function testWords(words: readonly string[], kindOf: FileKind): Truth {
  return new Condition(words, kindOf).either();
}

const not = (truth: Truth): Truth => (truth === null ? null : !truth);
const number = (text: string): number => Number.parseInt(text, 10) || 0;

const comparisons: Record<string, (left: string, right: string) => boolean> = {
  '=': (left, right) => left === right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '-eq': (left, right) => number(left) === number(right),
  '-ne': (left, right) => number(left) !== number(right),
  '-lt': (left, right) => number(left) < number(right),
  '-le': (left, right) => number(left) <= number(right),
  '-gt': (left, right) => number(left) > number(right),
  '-ge': (left, right) => number(left) >= number(right),
};

class Condition {
  readonly #words: readonly string[];
  readonly #kindOf: FileKind;
  #at = 0;

  constructor(words: readonly string[], kindOf: FileKind) {
    this.#words = words;
    this.#kindOf = kindOf;
  }

  either(): Truth {
    let truth = this.#both();
    while (this.#words[this.#at] === '-o') {
      this.#at += 1;
      const other = this.#both();
      truth = truth === true || other === true ? true : truth === null || other === null ? null : false;
    }
    return truth;
  }

  #both(): Truth {
    let truth = this.#single();
    while (this.#at < this.#words.length && this.#words[this.#at] !== '-o' && this.#words[this.#at] !== ')') {
      if (this.#words[this.#at] === '-a') this.#at += 1;
      const other = this.#single();
      truth = truth === false || other === false ? false : truth === null || other === null ? null : true;
    }
    return truth;
  }

  #next(): string {
    const word = this.#words[this.#at] ?? '';
    this.#at += 1;
    return word;
  }

  #single(): Truth {
    if (this.#at >= this.#words.length) return false;
    let negated = false;
    while (this.#words[this.#at] === '!') {
      this.#at += 1;
      negated = !negated;
    }
    const truth = this.#plain();
    return negated ? not(truth) : truth;
  }

  #plain(): Truth {
    const compare = comparisons[this.#words[this.#at + 1] ?? ''];
    if (compare !== undefined && this.#at + 2 < this.#words.length) {
      const [left, , right] = [this.#next(), this.#next(), this.#next()];
      return isUnknown(left + right) ? null : compare(left, right);
    }
    const word = this.#next();
    if (word === '(') {
      const truth = this.either();
      if (this.#words[this.#at] === ')') this.#at += 1;
      return truth;
    }
    // As the last word it is a text like any other.
    if (/^-[defsnz]$/.test(word) && this.#at < this.#words.length) return this.#unary(word, this.#next());
    return isUnknown(word) ? null : word !== '';
  }

  #unary(operator: string, word: string): Truth {
    if (isUnknown(word)) return null;
    if (operator === '-n') return word !== '';
    if (operator === '-z') return word === '';
    const kind = this.#kindOf(word);
    if (kind === null) return null;
    if (operator === '-d') return kind === 'directory';
    if (operator === '-e') return kind !== 'missing';
    return operator === '-s' ? kind === 'file' : kind === 'file' || kind === 'empty';
  }
}
