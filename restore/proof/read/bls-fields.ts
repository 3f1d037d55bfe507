import type { Root } from './root.ts';

/** More files than any machine has kernels. */
const mostEntries = 1000;

/** An entry of the Boot Loader Specification, type 1. */
export interface BlsFields {
  /** Null where it has none. */
  first(key: string): string | null;
  all(key: string): string[];
}

/** The entries in a folder. */
export function entryNames(root: Root, folder: string): string[] {
  return root
    .list(folder)
    .filter((name) => /\.conf$/i.test(name) && !name.startsWith('.'))
    .slice(0, mostEntries);
}

export function blsFields(text: string): BlsFields {
  const fields = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    const end = trimmed.search(/[ \t]/);
    if (trimmed.startsWith('#') || end < 0) continue;
    const key = trimmed.slice(0, end);
    fields.set(key, [...(fields.get(key) ?? []), trimmed.slice(end).trim()]);
  }
  return { first: (key) => fields.get(key)?.[0] ?? null, all: (key) => fields.get(key) ?? [] };
}
