import { visible } from '../page/html.ts';

/** The widths that the bar has, in CSS pixels, and the class of texts that are shown then (see page/style.ts). */
export const tiers = [
  { name: 'tp', widthPixels: 320 },
  { name: 'tm', widthPixels: 660 },
  { name: 'tw', widthPixels: 1000 },
] as const;

/** Widest of the usual system fonts at 12 pixels, so that a text fits whichever there is. */
const pixelsPerCharacter = { plain: 7.6, bold: 9 };

/** Whether a text of the picture can be read in full at this width. */
export function fits(text: string, widthPixels: number, weight: keyof typeof pixelsPerCharacter): boolean {
  return lengthOf(text) * pixelsPerCharacter[weight] <= widthPixels;
}

/** As much of the text as fits, with an ellipsis where it is cut; '' when that would be too little to mean anything. */
export function cutToWidth(whole: string, widthPixels: number, weight: keyof typeof pixelsPerCharacter): string {
  const text = visible(whole);
  const room = widthPixels / pixelsPerCharacter[weight];
  if (fits(text, widthPixels, weight)) return text;
  let short = '';
  for (const character of text) {
    if (lengthOf(short) + lengthOf(character) > room - 1) break;
    short += character;
  }
  return lengthOf(short) >= 5 ? `${short}…` : '';
}

/** In letters: those of East Asia and pictures are about twice as wide. */
function lengthOf(text: string): number {
  let length = 0;
  for (const character of visible(text)) length += (character.codePointAt(0) ?? 0) >= 0x2e80 ? 1.8 : 1;
  return length;
}
