import type { Root } from './root.ts';

/** A line of /etc/fstab (fstab(5)); escapes such as '\040' are undone, each of them a byte of UTF-8. */
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

/** @param path '/etc/crypttab.initramfs' is Arch's, for its initramfs alone */
export function readCrypttab(root: Root, path = '/etc/crypttab'): CrypttabLine[] {
  const lines = tableLines(root, path) ?? [];
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
    // Only these part fields: a label may hold any other blank that Unicode has.
    const words = raw.split(/[ \t\r]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#') === true) return [];
    return [{ line: index + 1, words: words.map(undoOctal) }];
  });
}

/** getmntent(3): '\\040' is a byte, and several may be one letter. */
function undoOctal(word: string): string {
  const bytes = Buffer.from(word).toString('latin1');
  const plain = bytes.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}

/** 'nofail' and its kin: the machine starts without it. */
export function isOptional(options: readonly string[]): boolean {
  return options.some((option) => /^(nofail|noauto|_netdev|x-systemd\.automount)$/.test(option));
}
