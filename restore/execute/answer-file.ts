import { parse, TomlError } from 'smol-toml';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { systemFailure } from '../../common/errors/system-error.ts';
import { readNamedFile } from '../../common/files/read-named-file.ts';
import { formatBytes, parseBytes } from '../../common/format.ts';
import type { TargetDisk } from '../plan/step.ts';

/** Bytes, or text with a unit as disks are sold: '500 GB'. */
const sizeSchema = z.union([
  z.int().positive(),
  z.string().transform((text, context) => {
    // A bare number in quotes could mean anything.
    const bytes = /\d\s*([kMGT]B|[KMGT]iB|B)$/.test(text.trim()) ? parseBytes(text) : null;
    if (bytes !== null) return bytes;
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no size: write bytes, or a number and a unit such as "500 GB"`,
    });
    return z.NEVER;
  }),
]);

const diskSchema = z
  .strictObject({
    source: z.string(),
    serial: z.string().optional(),
    wwn: z.string().optional(),
    size: sizeSchema.optional(),
  })
  .refine((disk) => disk.serial !== undefined || disk.wwn !== undefined, { message: 'a disk needs serial or wwn' });

const answerSchema = z.strictObject({
  afterwards: z.enum(['reboot', 'poweroff', 'menu']).default('reboot'),
  /** What becomes of a larger disk. */
  larger: z.enum(['keep', 'fill']).default('keep'),
  countdown: z.int().min(0).max(3600).default(10),
  disk: z.array(diskSchema).min(1),
  /** Passphrases that the plan names: the first line of a file, by its path on the medium; or '/dev/fd/3', '/proc/...'. */
  secret: z.array(z.strictObject({ name: z.string(), file: z.string() })).default([]),
});
export type AnswerFile = z.infer<typeof answerSchema>;

/** Reads an answer file (TOML). @throws RekindleError RK459 naming the place, RK009; what the system refuses */
export async function readAnswerFile(path: string): Promise<AnswerFile> {
  let value: unknown;
  try {
    value = parse((await readNamedFile(path)).toString('utf8'));
  } catch (error) {
    // It is not there, or is no file: nothing in it is wrong.
    if (systemFailure(error) !== null || error instanceof RekindleError) throw error;
    throw new RekindleError('RK459', `${path}: ${wordsOf(error)}`);
  }
  const parsed = answerSchema.safeParse(value);
  if (!parsed.success) throw new RekindleError('RK459', `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The parser quotes the lines around the mistake, where somebody may have written a passphrase. */
function wordsOf(error: unknown): string {
  if (!(error instanceof TomlError)) return error instanceof Error ? error.message : String(error);
  return `line ${error.line}, column ${error.column}: ${error.message.split('\n')[0]}`;
}

/** Sizes are compared to 1%: people write what stands on the label. */
function sizeFits(disk: TargetDisk, wanted: number | undefined): boolean {
  return wanted === undefined || Math.abs(disk.sizeBytes - wanted) <= wanted / 100;
}

/** Could wipe the wrong disk: exactly one disk must fit each entry. @throws RekindleError RK460 */
export function matchDisks(answer: AnswerFile, here: readonly TargetDisk[]): { source: string; disk: string }[] {
  return answer.disk.map((wanted) => {
    const fitting = here.filter(
      (disk) =>
        (wanted.serial === undefined || disk.serial === wanted.serial) &&
        (wanted.wwn === undefined || disk.wwn === wanted.wwn) &&
        sizeFits(disk, wanted.size),
    );
    const [only] = fitting;
    const words = Object.entries(wanted)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
    if (only === undefined || fitting.length > 1) {
      const found =
        fitting.length === 0 ? `none fits among ${listDisks(here)}` : `${fitting.length} fit: ${listDisks(fitting)}`;
      throw new RekindleError('RK460', `${words}: ${found}`);
    }
    if (only.refusal !== null)
      throw new RekindleError('RK460', `${words}: ${only.name} cannot be a target: ${only.refusal}`);
    return { source: wanted.source, disk: only.path };
  });
}

function listDisks(disks: readonly TargetDisk[]): string {
  return (
    disks
      .map(
        ({ name, model, serial, sizeBytes }) =>
          `${name} (${model}, serial ${serial ?? 'none'}, ${formatBytes(sizeBytes)})`,
      )
      .join('; ') || 'no disk'
  );
}
