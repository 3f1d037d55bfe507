import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RekindleError } from '../../common/errors/error.ts';

/** What init needs of set.json; the recovery set's room knows the rest. */
const rescueSetSchema = z.looseObject({
  set: z.uuid(),
  machine: z.looseObject({ hostname: z.string() }),
  rdBase: z.object({ path: z.string(), size: z.int().positive(), sha256: z.string().length(64) }),
});
export type RescueSet = z.infer<typeof rescueSetSchema>;

/** The UUIDs of the sets on a mounted file system. */
export function listSets(mountPoint: string): string[] {
  try {
    return readdirSync(join(mountPoint, 'rekindle')).filter((name) => z.uuid().safeParse(name).success);
  } catch {
    return [];
  }
}

/** @throws RekindleError RK109 when set.json is not readable or not ours. */
export function readSet(directory: string): RescueSet {
  const file = join(directory, 'set.json');
  try {
    return rescueSetSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK109', `${file}: ${why}`, { cause: error });
  }
}
