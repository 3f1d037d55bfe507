import { randomInt } from 'node:crypto';

const slash = 0x2f;
const dot = 0x2e;

/** Slots of the smallest table. */
const fewest = 1024;
/** What a slot's first half says when nothing is in it, or no more; that of a path is larger. */
const empty = 0;
const deleted = 1;

/**
 * Paths of symbolic links, however they are spelled ('./a//b', 'a/b'): eight bytes for each, whatever its length, for there may be
 * millions. What is in it is always found; another path is taken for one of them once in 2^63, and by another one in the next run.
 */
export class LinkSet {
  /** Names that differ in case only are the same one: of a file system that takes them so. */
  readonly folds: boolean;
  readonly #seeds = [randomInt(2 ** 32), randomInt(2 ** 32)] as const;
  #slots = new Uint32Array(2 * fewest);
  /** Slots in use, deleted ones too. */
  #used = 0;
  /** Hash of the path, or of its beginning, that was looked at last. */
  #first = 0;
  #second = 0;

  constructor(folds = false) {
    this.folds = folds;
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  add(path: Buffer): void {
    this.#hash(this.#folded(path));
    this.#insert(this.#first, this.#second);
  }

  has(path: Buffer): boolean {
    if (this.#used === 0) return false;
    this.#hash(this.#folded(path));
    return this.#find(this.#first, this.#second) >= 0;
  }

  delete(path: Buffer): void {
    this.#hash(this.#folded(path));
    const slot = this.#find(this.#first, this.#second);
    if (slot >= 0) this.#slots[slot] = deleted;
  }

  /** The first of the folders above `path` that is in the set; null: none is. */
  above(path: Buffer): Buffer | null {
    if (this.#used === 0) return null;
    const folded = this.#folded(path);
    const end = this.#hash(folded, true);
    return end < 0 ? null : folded.subarray(0, end);
  }

  /** At least what a file system takes for the same (ASCII of xfs, all of Unicode elsewhere): more is refused, never less. */
  #folded(path: Buffer): Buffer {
    if (!this.folds) return path;
    const text = path
      .toString('utf8')
      .normalize('NFKD')
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '');
    return Buffer.from(text.toUpperCase().toLowerCase().normalize('NFKD'));
  }

  /**
   * Part by part, without what says nothing ('.', doubled slashes). Only additions, rotations and multiplications by odd numbers:
   * no two paths of one length fall together before the end.
   * @param folders look up each folder above; stop at the first that is there and give where its path ends. Else -1.
   */
  #hash(path: Buffer, folders = false): number {
    let [first, second] = this.#seeds;
    let end = 0;
    for (let at = 0; at < path.length; ) {
      const start = at;
      while (at < path.length && path[at] !== slash) at += 1;
      const says = at > start && !(at === start + 1 && path[start] === dot);
      if (says) {
        if (folders && end > 0) {
          this.#settle(first, second);
          if (this.#find(this.#first, this.#second) >= 0) return end;
        }
        for (let byte = start; byte <= at; byte += 1) {
          const value = byte < at ? (path[byte] ?? 0) : slash;
          first = Math.imul(first ^ value, 0x85ebca6b);
          first = (first << 13) | (first >>> 19);
          second = Math.imul(second ^ value, 0xc2b2ae35);
          second = (second << 17) | (second >>> 15);
        }
        end = at;
      }
      at += 1;
    }
    this.#settle(first, second);
    return -1;
  }

  /** Every bit of the state has its say in every bit of the result (MurmurHash3's last steps). */
  #settle(first: number, second: number): void {
    const mixed = mix(first + Math.imul(second, 0x9e3779b1));
    this.#second = mix(second ^ mixed);
    this.#first = Math.max(mixed, deleted + 1);
  }

  #insert(first: number, second: number): void {
    if (this.#find(first, second) >= 0) return;
    if (this.#used * 4 > this.#slots.length) this.#grow();
    const mask = this.#slots.length / 2 - 1;
    let slot = second & mask;
    while (this.#slots[2 * slot] !== empty) slot = (slot + 1) & mask;
    this.#slots[2 * slot] = first;
    this.#slots[2 * slot + 1] = second;
    this.#used += 1;
  }

  /** Where its first half lies; -1: nowhere. */
  #find(first: number, second: number): number {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    for (let slot = second & mask; slots[2 * slot] !== empty; slot = (slot + 1) & mask)
      if (slots[2 * slot] === first && slots[2 * slot + 1] === second) return 2 * slot;
    return -1;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    this.#used = 0;
    for (let at = 0; at < old.length; at += 2) {
      const first = old[at] ?? empty;
      if (first > deleted) this.#insert(first, old[at + 1] ?? 0);
    }
  }
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
