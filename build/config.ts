import { parse } from 'smol-toml';
import * as z from 'zod';
import { RekindleError } from '../common/errors/error.ts';
import { readNamedFile } from '../common/files/read-named-file.ts';
import { isKernelArgument, kernelArgumentForm } from './asked.ts';
import { snapshotChoices } from './consistency.ts';
import { destinationForm, isDestination } from './destination.ts';
import { keepSchema } from './snapshots/keep.ts';
import { levels } from './snapshots/lineage.ts';
import { parseVolumeSize } from './volume-size.ts';

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

const path = z.string().min(1, 'a path');
/** An empty list would be no protection, where somebody meant some. */
const list = (what: string) =>
  z.array(z.string(), `a list: ["${what}"]`).min(1, 'names no key: leave the line out, or name one');

/** The value as it is, if the parser of the flag of that name takes it; what it says of it otherwise. */
function asFlag<T>(parse: (value: T) => unknown) {
  return (value: T, context: z.RefinementCtx): void => {
    try {
      parse(value);
    } catch (error) {
      const message = error instanceof RekindleError ? error.reason : String(error);
      context.addIssue({ code: 'custom', message });
    }
  };
}

const destinationSchema = z.string().superRefine((text, context) => {
  const hint = text.startsWith('/') ? `; write to = "iso:${text}"` : '';
  if (!isDestination(text)) context.addIssue({ code: 'custom', message: `"${text}": ${destinationForm}${hint}` });
});

/** /etc/rekindle/config.toml: each key is a flag of `create` too, but the hooks. Data, never executed. */
export const configSchema = z.strictObject({
  to: z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(destinationSchema, 'a destination: "iso:FILE"').max(1, 'exactly one destination in this version'),
    )
    .optional(),
  'kernel-argument': z
    .array(z.string().refine(isKernelArgument, kernelArgumentForm), 'a list: ["quiet", "nomodeset"]')
    .optional(),
  'work-directory': path.optional(),
  answer: path.optional(),
  'allow-unencrypted': z.boolean().optional(),
  'volume-size': z
    .union([z.string(), z.int().positive()], 'a size: "4.7G"')
    .transform(String)
    .superRefine(asFlag(parseVolumeSize))
    .optional(),
  verify: z.boolean().optional(),
  raw: z.boolean().optional(),
  snapshot: z.enum(snapshotChoices).optional(),
  recipient: list('age1...').optional(),
  'recipients-file': list('/etc/rekindle/recipients').optional(),
  'signing-key': path.optional(),
  'trusted-keys': list('/etc/rekindle/minisign.pub').optional(),
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
    text = (await readNamedFile(file)).toString('utf8');
  } catch (error) {
    if (named === null && error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    return configSchema.parse(parse(text));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? describeIssues(error) : error instanceof Error ? error.message : String(error);
    throw new RekindleError('RK221', `${file}: ${why}`, { cause: error });
  }
}

/** 'volume-size: "foo" is no size', a line for each, as the keys are written in the file. */
function describeIssues({ issues }: z.ZodError): string {
  return issues
    .map(({ path: keys, message }) => {
      const at = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
      return at === '' ? message : `${at.replace(/^\./, '')}: ${message}`;
    })
    .join('\n');
}
