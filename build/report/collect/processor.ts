import * as z from 'zod';
import type { ProcessorFacts } from '../facts.ts';
import { NothingKnown, runTool } from './ask.ts';

interface Field {
  field: string;
  data: string | null;
  children: Field[];
}
/** Newer util-linux nests the fields; older has a flat list. */
const fieldSchema: z.ZodType<Field> = z.object({
  field: z.string(),
  data: z
    .string()
    .nullish()
    .transform((data) => data ?? null),
  children: z.lazy(() =>
    z
      .array(fieldSchema)
      .nullish()
      .transform((list) => list ?? []),
  ),
}) as unknown as z.ZodType<Field>;
const lscpuSchema = z.object({ lscpu: z.array(fieldSchema) });

const shown = [
  'Architecture',
  'Socket(s)',
  'Core(s) per socket',
  'Thread(s) per core',
  'CPU max MHz',
  'Virtualization',
];

/** Processors, as lscpu names them. */
export async function readProcessor(): Promise<ProcessorFacts> {
  return parseProcessor((await runTool(['lscpu', '--json'])).stdout);
}

/** Reads the output of `lscpu --json`. */
export function parseProcessor(output: string): ProcessorFacts {
  const fields = flatten(lscpuSchema.parse(JSON.parse(output)).lscpu);
  const value = (name: string): string | null => fields.find(([field]) => field === name)?.[1] ?? null;
  const threads = Number(value('CPU(s)'));
  if (!(threads > 0)) throw new NothingKnown('lscpu names no processor');
  return {
    model: value('Model name') ?? value('Vendor ID') ?? 'unknown processor',
    threads,
    details: shown.flatMap((name) => {
      const found = value(name);
      return found === null ? [] : [[name, found] satisfies [string, string]];
    }),
  };
}

function flatten(fields: readonly Field[]): [string, string][] {
  return fields.flatMap(({ field, data, children }) => [
    ...(data === null ? [] : [[field.replace(/:$/, ''), data] satisfies [string, string]]),
    ...flatten(children),
  ]);
}
