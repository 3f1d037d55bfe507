/** What became of a line that is typed unseen. */
export type LineState = 'open' | 'done' | 'interrupted' | 'ended';

/**
 * A line as it is typed on a raw terminal: the few keys that people use while they see nothing. Cursor keys and the
 * like are no part of it. Pure: takes characters, holds text.
 */
export class TypedLine {
  #characters: string[] = [];
  #sequence: 'none' | 'escape' | 'control' | 'single' = 'none';

  get text(): string {
    return this.#characters.join('');
  }

  /** Takes one character (a code point). */
  add(character: string): LineState {
    if (this.#inSequence(character)) return 'open';
    switch (character) {
      case '\r':
      case '\n':
        return 'done';
      case '\x03': // Ctrl-C
      case '\x1c': // Ctrl-\
        return 'interrupted';
      case '\x04': // Ctrl-D
        return this.#characters.length > 0 ? 'done' : 'ended';
      case '\x08':
      case '\x7f': // Backspace
        this.#characters.pop();
        return 'open';
      case '\x15': // Ctrl-U
      case '\x17': // Ctrl-W: unseen words have no ends
        this.#characters = [];
        return 'open';
      case '\x1b':
        this.#sequence = 'escape';
        return 'open';
      default:
        if (character >= ' ' || character === '\t') this.#characters.push(character);
        return 'open';
    }
  }

  /** Escape sequences of keys: ESC [ parameters letter, ESC O letter. ESC and anything else is the Esc key, and that. */
  #inSequence(character: string): boolean {
    const before = this.#sequence;
    this.#sequence = 'none';
    if (before === 'none') return false;
    if (before === 'escape') {
      if (character === '[') this.#sequence = 'control';
      else if (character === 'O') this.#sequence = 'single';
      else return false;
    } else if (before === 'control' && !/[@-~]/.test(character)) this.#sequence = 'control';
    return true;
  }
}
