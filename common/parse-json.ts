/** Deeper than anything of ours; each level that is open takes memory while JSON is parsed. */
const deepest = 64;

/** What a JSON text from outside says. @throws SyntaxError for what is no JSON, or is nested more deeply than anything of ours */
export function parseJson(text: string): unknown {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isString) {
      if (character === '\\') at += 1;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > deepest) throw new SyntaxError(`at character ${at} it is nested more than ${deepest} deep`);
  }
  return JSON.parse(text);
}
