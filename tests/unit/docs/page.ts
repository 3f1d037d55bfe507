import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block of commands of a page, and the names that the page had the reader fill in up to there. */
export interface Block {
  name: string;
  script: string;
  values: string[];
}

export interface Page {
  /** Marked with `<!-- test: name -->`, in the page's order. */
  blocks: Block[];
  /** All blocks of shell, marked or not. */
  shell: string[];
}

/** Reads a page's blocks. `<!-- values -->` stands before a block of `NAME=value`: the reader's own. */
export function readPage(name: string): Page {
  const text = readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');
  const page: Page = { blocks: [], shell: [] };
  const values: string[] = [];
  for (const [, mark = '', script = ''] of text.matchAll(/(?:<!-- ([^\n]*) -->\n)?```sh\n(.*?)```/gs)) {
    page.shell.push(script);
    const block = /^test: (.+)$/.exec(mark)?.[1];
    if (mark === 'values') values.push(...Array.from(script.matchAll(/^([A-Z_]+)=/gm), ([, each = '']) => each));
    else if (block !== undefined) page.blocks.push({ name: block, script, values: [...values] });
  }
  return page;
}

/** A block to do, and what the reader puts in for its values. */
export type Step = [block: string, values?: Readonly<Record<string, string>>];

/** What a reader types who does these steps in one shell: the blocks as they are written, each after its values. */
export function typedSession(page: Page, steps: readonly Step[]): string {
  return steps
    .map(([name, given = {}]) => {
      const block = page.blocks.find((each) => each.name === name);
      if (!block) throw new Error(`the page has no block "${name}"`);
      const unknown = Object.keys(given).find((each) => !block.values.includes(each));
      if (unknown !== undefined) throw new Error(`the page tells nobody to set ${unknown} for "${name}"`);
      const set = Object.entries(given).map(([each, value]) => `${each}='${value.replaceAll("'", "'\\''")}'\n`);
      return `${set.join('')}echo '== ${name}'\n${block.script}`;
    })
    .join('\n');
}
