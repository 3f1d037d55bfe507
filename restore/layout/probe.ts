import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { lastWords, type RunOptions, run } from '../../common/run.ts';

/** What blkid's low-level probe says of a device or image file: TYPE, UUID, LABEL, PTTYPE ... Empty for a blank one. */
export type Probe = Readonly<Record<string, string>>;

/**
 * Reads a device's signatures from the device itself, never from a cache or udev.
 * Several contradicting signatures (blkid's exit 8) count as `{AMBIVALENT: '1'}`.
 * @throws RekindleError RK421 when the device cannot be read
 */
export async function probeDevice(device: string): Promise<Probe> {
  const { stdout, stderr, exitCode } = await run(['blkid', '-p', '-o', 'udev', device], { okExit: [0, 2, 8] });
  if (exitCode === 8) return { AMBIVALENT: '1' };
  // Exit 2 means "nothing found" and "cannot be read" alike; a damaged disk must not pass for a blank one.
  if (exitCode === 2 && stderr.trim() !== '') throw new RekindleError('RK421', `${device}: ${lastWords(stderr)}`);
  return parseProbe(stdout);
}

/** Of a table on it, of the entry that it is in its disk's table, of what is on it. */
const prefixes = [
  ['ID_PART_TABLE_', 'PT'],
  ['ID_PART_ENTRY_', 'PART_ENTRY_'],
  ['ID_FS_', ''],
] as const;

/**
 * `blkid -o udev`: of its formats the only one that is exact. A label may hold a line break or a quote, and bytes beyond ASCII;
 * `-o export` shows those as '^J' and 'M-C'. Here LABEL and UUID come twice, the second time with each odd byte as '\\x0a'.
 */
export function parseProbe(text: string): Probe {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^(\w+)=(.*)$/s.exec(line) ?? [];
    for (const [prefix, short] of prefixes) {
      if (!key.startsWith(prefix)) continue;
      const name = `${short}${key.slice(prefix.length)}`;
      found.set(name.replace(/_ENC$/, ''), decode(value));
    }
  }
  return Object.fromEntries(found);
}

function decode(value: string): string {
  const bytes = Buffer.from(value).toString('latin1');
  const decoded = bytes.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(decoded, 'latin1').toString('utf8');
}

/** Runs a tool that prints JSON and checks its shape. @throws RekindleError RK416 when the shape is another. */
export async function runJson<T>(
  argv: readonly [string, ...string[]],
  schema: z.ZodType<T>,
  options: RunOptions = {},
): Promise<T> {
  const { stdout } = await run(argv, options);
  let value: unknown;
  try {
    value = JSON.parse(stdout === '' ? '{}' : stdout);
  } catch (error) {
    throw new RekindleError('RK416', `${argv[0]} printed no JSON`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new RekindleError('RK416', `${argv[0]}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
