/** What of an element's start tag is strict XML: a name, attributes in double quotes without `<` and bare `&`. */
const startTag = /^<([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w:-]*="(?:[^"<&]|&(?:amp|lt|gt|quot|#39);)*")*)\s*(\/?)>/;
const textPart = /^(?:[^<&]|&(?:amp|lt|gt|quot|#39);)+/;

/** Reads XML as strictly as the page must be. @returns names of all elements @throws Error at the first flaw */
export function readXml(source: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  let rest = source.replace(/^<!DOCTYPE html>\s*/, '').trim();
  while (rest !== '') {
    const start = startTag.exec(rest);
    const end = /^<\/([A-Za-z][\w-]*)>/.exec(rest);
    const part = start ?? end ?? textPart.exec(rest);
    const flaw = (what: string): Error => new Error(`${what}: ${JSON.stringify(rest.slice(0, 80))}`);
    if (part === null) throw flaw('neither a tag nor text');
    if (start?.[1] !== undefined) {
      if (open.length === 0 && names.length > 0) throw flaw('a second root');
      names.push(start[1]);
      const attributes = [...(start[2] ?? '').matchAll(/\s([\w:-]+)=/g)].map((match) => match[1]);
      if (new Set(attributes).size < attributes.length) throw flaw('an attribute twice');
      if (start[3] !== '/') open.push(start[1]);
    } else if (end) {
      if (open.pop() !== end[1]) throw flaw('closes what is not open');
    } else if (open.length === 0) throw flaw('text outside');
    rest = rest.slice(part[0].length);
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(' ')}`);
  return names;
}
