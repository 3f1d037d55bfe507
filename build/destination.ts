import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { RekindleError } from '../common/errors/error.ts';
import { spaceOf } from '../common/look.ts';
import { run } from '../common/run.ts';
import { makeWorkDirectory } from './work.ts';

/** Where the medium goes, checked. */
export interface Destination {
  /** The finished file. */
  file: string;
  directory: string;
  /** Where the directory's file system is mounted, and from which device. */
  mountPoint: string;
  device: string;
}

/** What anything that names a destination looks like. */
export const destinationForm = 'a destination looks like iso:FILE';

/** By its form; `parseDestination` looks at what it means. */
export function isDestination(text: string): boolean {
  return /^[a-z0-9]+:./.test(text);
}

/** Reads `iso:FILE`. @throws RekindleError RK005 for what is no destination, RK206 for other kinds, RK208 when FILE cannot be replaced. */
export async function parseDestination(text: string): Promise<Destination> {
  if (!isDestination(text)) throw new RekindleError('RK005', `"${text}": ${destinationForm}`);
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  if (kind !== 'iso') throw new RekindleError('RK206', `${text}: "${kind}:" comes in a later version`);
  const file = resolve(text.slice(colon + 1));
  // A look at a dead mount never ends. What is not there yet is looked at in its folder.
  for (const place of [dirname(file), file])
    if ((await spaceOf(place)) === 'silent') throw new RekindleError('RK237', `${place} did not answer in time`);
  const existing = await stat(file).catch(() => null);
  if (existing && !existing.isFile())
    throw new RekindleError('RK208', `${file} is a ${existing.isDirectory() ? 'directory' : 'device or pipe'}`);
  const directory = dirname(file);
  if (!(await stat(directory).catch(() => null))?.isDirectory())
    throw new RekindleError('RK208', `${directory} is no folder`, {
      hint: `Make it first: mkdir -p ${directory}`,
    });
  // In a chroot without /proc findmnt knows nothing.
  const argv = ['findmnt', '--noheadings', '--raw', '--output', 'TARGET,SOURCE', '--target', directory] as const;
  const { stdout } = await run([...argv], { okExit: [0, 1], timeoutMs: 30_000 });
  const [mountPoint = '/', device = ''] = stdout.trim().split(' ');
  return { file, directory, mountPoint, device };
}

/** A work folder beside the file. Fails early, and with the reason, when nothing can be written there. @throws RekindleError RK208 */
export async function makeStage(
  { directory }: Destination,
  onLeft: (text: string) => void = () => undefined,
): Promise<string> {
  try {
    return await makeWorkDirectory(directory, onLeft);
  } catch (error) {
    throw new RekindleError('RK208', `${directory}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
