import { RekindleError } from '../../common/errors/error.ts';

/** LVM's configuration text (lvm.conf(5), vgcfgbackup(8)): sections with values of text, numbers and lists of these. */
export type LvmValue = string | number | LvmValue[];
export interface LvmSection {
  values: ReadonlyMap<string, LvmValue>;
  sections: ReadonlyMap<string, LvmSection>;
}

const token = /\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|([{}[\],=])|([^\s{}[\],="#]+)/gy;

/** Reads such a text. @throws RekindleError RK416 */
export function parseLvmText(text: string): LvmSection {
  const tokens = tokenize(text);
  let at = 0;
  const next = (): string => tokens[at++] ?? fail('it ends early');
  function section(inner: boolean): LvmSection {
    const values = new Map<string, LvmValue>();
    const sections = new Map<string, LvmSection>();
    while (at < tokens.length) {
      const name = next();
      if (name === '}') {
        if (!inner) fail('a } too many');
        return { values, sections };
      }
      const sign = next();
      if (sign === '{') sections.set(name, section(true));
      else if (sign === '=') values.set(name, value());
      else fail(`"${sign}" behind "${name}"`);
    }
    if (inner) fail('a } is missing');
    return { values, sections };
  }
  function value(): LvmValue {
    const first = next();
    if (first.startsWith('"')) return first.slice(1);
    if (first !== '[') return Number.isNaN(Number(first)) ? first : Number(first);
    const list: LvmValue[] = [];
    while (tokens[at] !== ']') {
      if (tokens[at] === ',') at += 1;
      else list.push(value());
    }
    at += 1;
    return list;
  }
  return section(false);
}

/** Strings keep a leading quote, so that they differ from words. */
function tokenize(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const from = token.lastIndex;
    const match = token.exec(text);
    if (match === null) return fail(`"${text.slice(from, from + 20)}"`);
    const [, string, sign, word] = match;
    if (string !== undefined) tokens.push(`"${string.replaceAll(/\\(.)/g, '$1')}`);
    else if (sign !== undefined) tokens.push(sign);
    else if (word !== undefined) tokens.push(word);
  }
  return tokens;
}

function fail(why: string): never {
  throw new RekindleError('RK416', `LVM's metadata text is not understood: ${why}`);
}

/** A number of a section. @throws RekindleError RK416 when it is not there */
export function numberIn(section: LvmSection, name: string): number {
  const value = section.values.get(name);
  return typeof value === 'number' ? value : fail(`no number "${name}"`);
}

export function textIn(section: LvmSection, name: string): string {
  const value = section.values.get(name);
  return value === undefined || Array.isArray(value) ? fail(`no text "${name}"`) : String(value);
}

export function listIn(section: LvmSection, name: string): string[] {
  const value = section.values.get(name);
  return Array.isArray(value) ? value.flat(9).map(String) : [];
}

export function sectionIn(section: LvmSection, name: string): LvmSection {
  return section.sections.get(name) ?? fail(`no section "${name}"`);
}
