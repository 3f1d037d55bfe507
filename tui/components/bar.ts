import type { Glyphs } from '../glyphs.ts';

/** A share from 0 to 1 as a bar of `width` cells. */
export function bar(share: number, width: number, glyphs: Glyphs): string {
  const filled = Math.round(Math.max(0, Math.min(1, share)) * width);
  return glyphs.full.repeat(filled) + glyphs.empty.repeat(width - filled);
}
