/** What a line of a table came to. */
export interface Finding {
  text: string;
  /** 'note': the machine starts all the same. */
  weight: 'problem' | 'unknown' | 'note';
}
