import type { Root } from './root.ts';

/** A line of /etc/fstab (fstab(5)); escapes such as '\040' are undone. */
export interface FstabLine {
  line: number;
  spec: string;
  at: string;
  type: string;
  options: string[];
}

/** Each is looked up among the devices. */
const mostLines = 10_000;

export function readFstab(root: Root): FstabLine[] | null {
  const lines = tableLines(root, '/etc/fstab');
  return (
    lines?.map(({ line, words: [spec = '', at = '', type = 'auto', options = 'defaults'] }) => ({
      line,
      spec,
      at,
      type,
      options: options.split(','),
    })) ?? null
  );
}

/** A line of /etc/crypttab (crypttab(5)). */
export interface CrypttabLine {
  line: number;
  name: string;
  spec: string;
  key: string;
  options: string[];
}

export function readCrypttab(root: Root): CrypttabLine[] {
  const lines = tableLines(root, '/etc/crypttab') ?? [];
  return lines.map(({ line, words: [name = '', spec = '', key = 'none', options = ''] }) => ({
    line,
    name,
    spec,
    key,
    options: options.split(','),
  }));
}

function tableLines(root: Root, path: string): { line: number; words: string[] }[] | null {
  const text = root.text(path);
  if (text === null) return null;
  const lines = text.split('\n');
  if (lines.length > mostLines) throw new Error(`${path} has ${lines.length} lines: it is no table of file systems`);
  return lines.flatMap((raw, index) => {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const words = trimmed
      .split(/\s+/)
      .map((word) =>
        word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      );
    return [{ line: index + 1, words }];
  });
}

/** 'nofail' and its kin: the machine starts without it. */
export function isOptional(options: readonly string[]): boolean {
  return options.some((option) => /^(nofail|noauto|_netdev|x-systemd\.automount)$/.test(option));
}
