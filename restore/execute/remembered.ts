import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { RecoverySet } from '../archive/open-set.ts';
import { canonicalJson } from '../plan/digest.ts';
import { lastingDigest } from '../plan/lasting.ts';
import { partScopes } from '../plan/part/names.ts';
import { type Plan, sizesSchema } from '../plan/step.ts';
import type { JournalEntry } from './journal.ts';

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);
const wordSchema = z.string().max(256);

/** What a target remembers of its restore. No step, no command, no path, no text for people: all of that comes from the set. */
const factsSchema = z.strictObject({
  format: z.literal(1),
  set: z.uuid(),
  /** SHA-256 of the set's manifest. */
  manifest: digestSchema,
  /** `lastingDigest` of its plan. */
  plan: digestSchema,
  /** Which saved disk, by its layout id, went onto which disk; a name is only compared with those of the disks that are here. */
  targets: z
    .array(
      z.strictObject({
        source: wordSchema,
        name: wordSchema.regex(/^\w[\w!/-]*$/),
        sizeBytes: z.int().positive(),
        serial: wordSchema.nullable(),
        wwn: wordSchema.nullable(),
      }),
    )
    .min(1)
    .max(256),
  /** What was asked for. */
  sizes: z.strictObject(sizesSchema.shape).optional(),
  only: z.enum(partScopes).optional(),
});
export type Facts = z.infer<typeof factsSchema>;

/** HMAC-SHA-256 in hex; null where there was no key. */
const macSchema = digestSchema.nullable();
const headSchema = z.strictObject({ facts: factsSchema, mac: macSchema });
const lineSchema = z.strictObject({
  at: z.iso.datetime(),
  // The path of a subvolume is a part of it.
  step: z.string().max(8192),
  state: z.enum(['begin', 'done', 'failed', 'skipped']),
  mac: macSchema,
});
type Line = z.infer<typeof lineSchema>;

/** As it was read from a disk that others may have written to. */
export interface Remembered {
  facts: Facts;
  mac: string | null;
  lines: Line[];
}

/** The facts of a restore by this plan. Null for one of a single file system: it is remembered nowhere. */
export function factsOf({ info, sealed }: RecoverySet, plan: Plan): Facts | null {
  const order = plan.part?.order;
  if (sealed === null || (order !== undefined && 'fileSystem' in order)) return null;
  return {
    format: 1,
    set: info.set,
    manifest: manifestDigest(sealed.manifest),
    plan: lastingDigest(plan),
    targets: plan.targets.map(({ source, disk: { name, sizeBytes, serial, wwn } }) => {
      return { source, name, sizeBytes, serial, wwn };
    }),
    ...(plan.asked === undefined ? {} : { sizes: plan.asked }),
    ...(order === undefined ? {} : { only: order.only }),
  };
}

export function manifestDigest(manifest: Buffer): string {
  return createHash('sha256').update(manifest).digest('hex');
}

/** Each MAC is over all that came before it: nothing can be changed, left out or put in, only the end cut off. */
function macOf(key: Buffer, previous: string, value: unknown): string {
  return createHmac('sha256', key)
    .update(`${previous}\n${canonicalJson(value)}`)
    .digest('hex');
}

/** Writes what a target remembers, sealed: the facts as a text of their own, then line after line. */
export class Seal {
  readonly facts: string;
  readonly #key: Buffer | null;
  #last: string | null;

  /** @param key null: nothing proves later who wrote it */
  constructor(facts: Facts, key: Buffer | null) {
    this.#key = key;
    this.#last = key === null ? null : macOf(key, '', facts);
    this.facts = JSON.stringify({ facts, mac: this.#last } satisfies z.input<typeof headSchema>);
  }

  /** @param entries those that follow what was sealed before */
  lines(entries: readonly JournalEntry[]): string {
    return entries.map((entry) => `${JSON.stringify(this.#line(entry))}\n`).join('');
  }

  #line({ at, step, state }: JournalEntry): Line {
    const entry = { at, step, state };
    if (this.#key !== null) this.#last = macOf(this.#key, this.#last ?? '', entry);
    return { ...entry, mac: this.#last };
  }
}

/** Null when it is not what `Seal` writes. Lines end with the first that is none: a power cut may have torn it. */
export function parseRemembered(facts: string, journal: string): Remembered | null {
  const head = parsed(headSchema, facts);
  if (head === null) return null;
  const lines: Line[] = [];
  for (const text of journal.split('\n')) {
    const line = parsed(lineSchema, text);
    if (line === null) break;
    lines.push(line);
  }
  return { ...head, lines };
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * What is proven to be ours: the lines up to the first that this key did not seal.
 * @returns null when not even the facts are
 */
export function provenLines({ facts, mac, lines }: Remembered, key: Buffer): Line[] | null {
  let last = macOf(key, '', facts);
  if (!isSame(mac, last)) return null;
  const proven: Line[] = [];
  for (const line of lines) {
    const { mac: claimed, ...entry } = line;
    last = macOf(key, last, entry);
    if (!isSame(claimed, last)) break;
    proven.push(line);
  }
  return proven;
}

function isSame(claimed: string | null, mac: string): boolean {
  return claimed !== null && timingSafeEqual(Buffer.from(claimed, 'hex'), Buffer.from(mac, 'hex'));
}

/** As entries of a journal of this plan. What was left out with consent is not, when nobody can say who consented. */
export function entriesOf(lines: readonly Line[], plan: string, isProven: boolean): JournalEntry[] {
  return lines.flatMap(({ at, step, state }) => (state === 'skipped' && !isProven ? [] : { at, plan, step, state }));
}
