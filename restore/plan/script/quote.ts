/** A word for a POSIX shell, whatever it holds. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A here-document that nothing is expanded in; its end is a word that the text has no line of. */
export function hereDocument(text: string, name: string): string {
  const lines = text.split('\n');
  let end = name;
  while (lines.includes(end)) end += '_';
  return `<<'${end}'\n${text}${text.endsWith('\n') ? '' : '\n'}${end}`;
}
