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
  const { stdout, stderr, exitCode } = await run(['blkid', '-p', '-o', 'export', device], { okExit: [0, 2, 8] });
  if (exitCode === 8) return { AMBIVALENT: '1' };
  // Exit 2 means "nothing found" and "cannot be read" alike; a damaged disk must not pass for a blank one.
  if (exitCode === 2 && stderr.trim() !== '') throw new RekindleError('RK421', `${device}: ${lastWords(stderr)}`);
  const found: Record<string, string> = {};
  for (const line of stdout.split('\n')) {
    const at = line.indexOf('=');
    // blkid escapes for a shell: 'my\ disk'.
    if (at > 0) found[line.slice(0, at)] = line.slice(at + 1).replaceAll(/\\(.)/g, '$1');
  }
  return found;
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
