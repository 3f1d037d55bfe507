/** What a `search` line looks for, and the variable that it sets. */
export interface Search {
  kind: 'UUID' | 'LABEL' | 'FILE';
  wanted: string;
  /** Null: it only prints. */
  variable: string | null;
}

const kinds: Record<string, Search['kind']> = {
  '--fs-uuid': 'UUID',
  '-u': 'UUID',
  '--label': 'LABEL',
  '-l': 'LABEL',
  '--file': 'FILE',
  '-f': 'FILE',
};

/** Words behind 'search' (grub-core/commands/search_wrap.c); null where it looks for nothing that is known here. */
export function readSearch(command: string, words: readonly string[]): Search | null {
  const direct = { 'search.fs_uuid': 'UUID', 'search.fs_label': 'LABEL', 'search.file': 'FILE' } as const;
  if (command in direct) {
    const [wanted, variable = 'root'] = words;
    const kind = direct[command as keyof typeof direct];
    return wanted === undefined ? null : { kind, wanted, variable };
  }
  let kind: Search['kind'] | null = null;
  let variable: string | null = null;
  const names: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1];
    if (word === '-s' || word === '--set') {
      // Its value may be left out: then what follows is what is looked for.
      const isValue =
        next !== undefined && !next.startsWith('-') && words.slice(at + 2).some((each) => !each.startsWith('-'));
      variable = isValue ? next : 'root';
      if (isValue) at += 1;
    } else if (word.startsWith('--set=')) variable = word.slice('--set='.length);
    else if (/^--hint(-\w+)?$/.test(word)) at += 1;
    else if (kinds[word] !== undefined) kind = kinds[word];
    else if (!word.startsWith('-')) names.push(word);
  }
  // What follows the first name are hints.
  const [wanted] = names;
  return kind === null || wanted === undefined ? null : { kind, wanted, variable };
}
