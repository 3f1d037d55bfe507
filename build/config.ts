import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';
import * as z from 'zod';
import { RekindleError } from '../common/errors/error.ts';
import { snapshotChoices } from './consistency.ts';
import { keepSchema } from './snapshots/keep.ts';
import { levels } from './snapshots/lineage.ts';

export const configFile = '/etc/rekindle/config.toml';

const argvSchema = z.tuple(
  [z.string().min(1)],
  z.string(),
  'a command is a list of words: ["systemctl", "stop", "cron"]',
);
export type HookArgv = z.infer<typeof argvSchema>;

const hooksSchema = z.strictObject({
  /** Run in order before the first file system is read; the first that fails stops create. */
  before: z.array(argvSchema).default([]),
  /** Run in order after the last one, also when saving failed. */
  after: z.array(argvSchema).default([]),
  'time-limit': z.int().positive().default(300),
});
export type Hooks = z.infer<typeof hooksSchema>;

/** Keys or their files. An empty list would be no protection, where somebody meant some. */
const keyList = z.array(z.string()).min(1, 'names no key: leave the line out, or name one');

/** /etc/rekindle/config.toml: each key is a flag of `create` too, but the hooks. Data, never executed. */
const configSchema = z.strictObject({
  to: z.union([z.string(), z.array(z.string())]).optional(),
  'kernel-argument': z.array(z.string()).optional(),
  'work-directory': z.string().optional(),
  answer: z.string().optional(),
  'allow-unencrypted': z.boolean().optional(),
  'volume-size': z.union([z.string(), z.int().positive()]).transform(String).optional(),
  verify: z.boolean().optional(),
  raw: z.boolean().optional(),
  snapshot: z.enum(snapshotChoices).optional(),
  recipient: keyList.optional(),
  'recipients-file': keyList.optional(),
  'signing-key': z.string().optional(),
  'trusted-keys': keyList.optional(),
  level: z.enum(levels).optional(),
  keep: keepSchema.optional(),
  hooks: hooksSchema.optional(),
});
export type Config = z.infer<typeof configSchema>;

/**
 * Reads the settings. Without the usual file there are none; a file that somebody named must be there.
 * @throws RekindleError RK221 naming each key that is wrong, or the line where the file is no TOML; what the system refuses.
 */
export async function readConfig(named: string | null = null): Promise<Config> {
  const file = named ?? configFile;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (named === null && error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    return configSchema.parse(parse(text));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK221', `${file}: ${why}`, { cause: error });
  }
}
