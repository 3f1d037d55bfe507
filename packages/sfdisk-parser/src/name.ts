/** What libfdisk's fputs_quoted() writes as \xNN: quotes, shell characters, all that is not printable ASCII. */
function mustEscape(byte: number): boolean {
  return byte < 0x20 || byte > 0x7e || [0x22, 0x5c, 0x60, 0x24].includes(byte);
}

/** A name as sfdisk writes it between quotes: 'aü' is `a\xc3\xbc`. */
export function encodeName(name: string): string {
  let text = '';
  for (const byte of Buffer.from(name, 'utf8'))
    text += mustEscape(byte) ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
  return text;
}

/** The name that stands between the quotes: `a\xc3\xbc` is 'aü'. A backslash before anything else is itself. */
export function decodeName(text: string): string {
  const bytes: number[] = [];
  const source = Buffer.from(text, 'utf8').toString('latin1');
  for (let at = 0; at < source.length; ) {
    const hex = /^\\x([0-9a-fA-F]{2})/.exec(source.slice(at, at + 4))?.[1];
    bytes.push(hex === undefined ? source.charCodeAt(at) : Number.parseInt(hex, 16));
    at += hex === undefined ? 1 : 4;
  }
  return Buffer.from(bytes).toString('utf8');
}
