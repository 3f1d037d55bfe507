import * as z from 'zod';
import { machineSchema } from '../archive/set-schema.ts';
import { devicesAnswerSchema } from '../plan/part/device-here.ts';
import { partOrderSchema } from '../plan/part/order.ts';
import { planSchema, sizesSchema, targetDiskSchema } from '../plan/step.ts';
import { proofSchema } from '../proof/proof-schema.ts';

/** All that the menu knows of parts. */
export type { DeviceHere, DevicesAnswer, SavedFileSystem } from '../plan/part/device-here.ts';
export { freshTypeNames, type PartScope } from '../plan/part/names.ts';

/** Where the engine listens; mode 0600. Newline-delimited JSON, one value a line. */
export const engineSocket = '/run/rekindle/engine.sock';
export const logFile = '/run/rekindle/rekindle.log';

export const reportSchema = z.object({ code: z.string(), message: z.string(), cause: z.string(), hint: z.string() });
export type Report = z.infer<typeof reportSchema>;

const verificationSchema = z.object({
  /** 'deferred': there is too little memory to do it beside the menu; a restore does it first. */
  status: z.enum(['idle', 'deferred', 'running', 'intact', 'damaged']),
  bytesDone: z.number(),
  bytesTotal: z.number(),
  /** One line a damaged file. */
  damage: z.array(z.string()),
  /** Something was not opened with its key: of that, files were compared as they lie there, not what they unpack to. */
  onlyCiphertext: z.boolean().optional(),
});

const lossSchema = z.object({
  /** How many files, folders and links. */
  files: z.int(),
  /** The first lines of the list. */
  first: z.array(z.string()),
  /** Where the whole list is. */
  listFile: z.string(),
});
/** Files that a restore leaves out. */
export type Loss = z.infer<typeof lossSchema>;

/** What a restore of all that is sound would cost. */
const salvageSchema = lossSchema.extend({
  /** 'the backup is damaged', 'volume 2 of 3 is given up' */
  because: z.string(),
  status: z.enum(['counting', 'possible', 'impossible']),
  /** Why it is impossible. */
  reason: z.string(),
});

/** A volume that the engine waits for. */
const wantedSchema = z.object({
  /** 'volume 2 of 3', 'the full set of web01 made 2026-11-20, volume 1 of 1' */
  what: z.string(),
  set: z.string(),
  /** null: any volume of that set. */
  volume: z.int().nullable(),
  /** Whether a running restore waits for it, which may go on without what lies on it. */
  restoring: z.boolean(),
  /** What was found instead. */
  seen: z.array(z.string()),
});

/** A step that was left out with consent. */
const skippedSchema = z.object({ step: z.string(), title: z.string(), consequence: z.string() });
export type SkippedStep = z.infer<typeof skippedSchema>;

/** The step that stopped, where a restore can do without it. */
const skippableSchema = skippedSchema.extend({
  /** What is typed to leave it out: 'without boot loader'. */
  words: z.string(),
});
export type SkippableStep = z.infer<typeof skippableSchema>;

const stepProgressSchema = z.object({
  id: z.string(),
  title: z.string(),
  target: z.string(),
  status: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  bytesDone: z.number(),
  bytesTotal: z.number(),
  filesDone: z.number(),
});

export const progressSchema = z.object({
  steps: z.array(stepProgressSchema),
  /** Index into steps; -1 before the first. */
  current: z.int(),
  /** Tar bytes per second, over the last seconds. */
  bytesPerSecond: z.number(),
  /** Null while unknown. */
  secondsLeft: z.number().nullable(),
  currentFile: z.string(),
  /** One throughput sample a second (bytes/s), the newest last, at most 120. */
  history: z.array(z.number()),
});
export type Progress = z.infer<typeof progressSchema>;

/** All that a screen shows: sent whole on connection and after each change, at most 5 times a second. */
export const engineStateSchema = z.object({
  phase: z.enum(['starting', 'idle', 'restoring', 'restored', 'failed']),
  /** Null when no medium was found or it is broken (`problem` says why). */
  set: z
    .object({
      uuid: z.uuid(),
      createdAt: z.string(),
      machine: machineSchema,
      /** Compressed archives together. */
      sizeBytes: z.number(),
      diskCount: z.int(),
      hasBackup: z.boolean(),
      /** Of the manifest; key as minisign prints it, fingerprint for people to compare, both empty unless it is good. */
      signature: z.object({
        kind: z.enum(['signed', 'unsigned', 'otherKey', 'changed']),
        key: z.string(),
        keyId: z.string(),
        fingerprint: z.string(),
      }),
    })
    .nullable(),
  problem: reportSchema.nullable(),
  /** A set that `problem` refused for its signature, with the keys that it should be signed by. */
  untrusted: z.object({ set: z.uuid(), name: z.string(), keys: z.array(z.string()) }).nullable(),
  verification: verificationSchema,
  /** Encrypted, and nobody gave the passphrase or key yet. */
  locked: z.boolean(),
  wanted: wantedSchema.nullable(),
  /** Volumes that are not here ('volume 2'): what lies on them is verified only while it is restored. */
  unverified: z.array(z.string()),
  /** The sets that a restore takes, the oldest first; one for a full set. Of those that are missing only the next one is known. */
  chain: z.array(z.object({ set: z.uuid(), name: z.string(), here: z.boolean(), locked: z.boolean() })),
  /** Null while no damage is known. */
  salvage: salvageSchema.nullable(),
  /** What the user agreed to leave out of this restore; null: nothing. */
  lost: lossSchema.nullable(),
  /** Names of the plan's secrets that were given. */
  givenSecrets: z.array(z.string()).optional(),
  plan: planSchema.nullable(),
  progress: progressSchema.nullable(),
  warnings: z.array(z.string()),
  /** Whether the restored system can start, one finding a check; empty before it was asked. */
  proof: z.array(proofSchema),
  /** Whether what failed its proof is mounted on /mnt/target, for a person's shell. */
  mounted: z.boolean().optional(),
  /** Why the restore stopped; null unless phase is 'failed'. */
  failure: reportSchema.nullable(),
  /** What restores wrote to disks so far, as the journal has it, in sentences: shown with each failure. Empty before that is known. */
  written: z.string(),
  /** Title of the step that a restore which failed or was interrupted can go on with; null when it must begin anew. */
  continueAt: z.string().nullable(),
  /** Only a disk says so, `at` what time too; others may have written it. Locked: nobody can say before the set is unlocked. */
  unproven: z.object({ at: z.iso.datetime(), locked: z.boolean() }).nullish(),
  /** Names of the plan's secrets that this takes. */
  continueSecrets: z.array(z.string()).optional(),
  /** What leaving that step out would cost; null when it cannot be left out. */
  skippable: skippableSchema.nullable(),
  /** What this restore leaves out. */
  skipped: z.array(skippedSchema),
  /** Unattended restore: seconds until it starts; null when there is none. */
  countdown: z.number().nullable(),
  /** Newest last, at most 200 lines, 'HH:MM:SS text'. */
  log: z.array(z.string()),
});
export type EngineState = z.infer<typeof engineStateSchema>;
export type ProofResult = EngineState['proof'][number];

/** Client to engine. Each is answered by one reply with the same id. */
export const commandSchema = z.discriminatedUnion('command', [
  z.object({ id: z.int(), command: z.literal('disks') }),
  /** Plan onto these disks; the answer is the plan, nothing is written. */
  z.object({
    id: z.int(),
    command: z.literal('plan'),
    targets: z.array(z.object({ source: z.string(), disk: z.string() })),
    sizes: sizesSchema.optional(),
    /** A part only; for one file system there are no targets. */
    part: partOrderSchema.optional(),
  }),
  /** The saved file systems, and the devices that one of them can be restored into. */
  z.object({ id: z.int(), command: z.literal('devices') }),
  /** `confirm`: what `consentFor` gives, as typed. `digest`: the plan that was shown. */
  z.object({ id: z.int(), command: z.literal('start'), digest: z.string(), confirm: z.string() }),
  /** Go on with the restore that stopped; its disks are compared first. `confirm`: as `nameToType`, typed, where it is unproven. */
  z.object({ id: z.int(), command: z.literal('continue'), confirm: z.string().optional() }),
  /** Leave the step that stopped out, and go on. `confirm`: the words of `skippable`, as typed. */
  z.object({ id: z.int(), command: z.literal('skip-step'), step: z.string(), confirm: z.string() }),
  z.object({ id: z.int(), command: z.literal('verify') }),
  /** A secret: this message is never logged or journalled. */
  z.object({ id: z.int(), command: z.literal('unlock'), kind: z.enum(['passphrase', 'key']), secret: z.string() }),
  /** A secret that the plan names, for the restore: never logged or journalled. */
  z.object({ id: z.int(), command: z.literal('secret'), name: z.string(), secret: z.string().min(1) }),
  /** Count what giving the wanted volume up would cost; the state's salvage tells. */
  z.object({ id: z.int(), command: z.literal('count-loss') }),
  /** Give the wanted volume up. `confirm`: `withoutFiles` of what was counted, as typed; else a running restore stops. */
  z.object({ id: z.int(), command: z.literal('skip-volume'), confirm: z.string().optional() }),
  /** Ask for the sets that the medium's one builds on until they are here; the state shows what is wanted. */
  z.object({ id: z.int(), command: z.literal('find-sets') }),
  /** Let the untrusted set in. `confirm`: `unsignedWords`, as typed. */
  z.object({ id: z.int(), command: z.literal('use-unsigned'), set: z.uuid(), confirm: z.string() }),
  z.object({ id: z.int(), command: z.literal('stop-countdown') }),
  z.object({ id: z.int(), command: z.literal('power'), action: z.enum(['reboot', 'poweroff']) }),
]);
export type Command = z.infer<typeof commandSchema>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type CommandBody = WithoutId<Command>;

/** The disks of the saved machine beside those of this one. */
export const disksAnswerSchema = z.object({
  saved: z.array(
    z.object({
      /** Layout id: 'disk0'. */
      id: z.string(),
      name: z.string(),
      model: z.string(),
      serial: z.string().nullable(),
      sizeBytes: z.number(),
      contents: z.array(z.string()),
    }),
  ),
  here: z.array(targetDiskSchema),
});
export type DisksAnswer = z.infer<typeof disksAnswerSchema>;

/** Engine to client. */
export const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: engineStateSchema }),
  z.object({
    type: z.literal('reply'),
    id: z.int(),
    error: reportSchema.nullable(),
    disks: disksAnswerSchema.optional(),
    devices: devicesAnswerSchema.optional(),
    plan: planSchema.optional(),
  }),
]);
export type Message = z.infer<typeof messageSchema>;

/** 'without 3 files': what is typed to leave them out. */
export function withoutFiles(files: number): string {
  return `without ${files} ${files === 1 ? 'file' : 'files'}`;
}

/** What starts a restore when it is typed: the disk's name, and a word more for each thing that is not as it should be. */
export function consentFor(disk: string, { unverified, salvage }: Pick<EngineState, 'unverified' | 'salvage'>): string {
  const without = salvage?.status === 'possible' ? ` ${withoutFiles(salvage.files)}` : '';
  return `${disk}${unverified.length > 0 ? ' unverified' : ''}${without}`;
}

/** What is typed to use a set that its signature does not vouch for. */
export const unsignedWords = 'use unsigned set';
