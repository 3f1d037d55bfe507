import { open } from 'node:fs/promises';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import type { LuksContent, Pbkdf } from './stack-schema.ts';

const magic = 'LUKS\xba\xbe';
/** LUKS2 (docs/on-disk-format-luks2): binary header of 4096 bytes, then JSON up to hdr_size. */
const binaryBytes = 4096;
const mostHeader = 4 << 20;
/** LUKS1: a key slot that is in use. */
const slotEnabled = 0x00ac71f3;

const decimal = z.string().regex(/^\d+$/).transform(Number);
const kdfSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pbkdf2'), hash: z.string(), iterations: z.int().positive() }),
  z.object({
    type: z.enum(['argon2i', 'argon2id']),
    time: z.int().positive(),
    memory: z.int().positive(),
    cpus: z.int().positive(),
  }),
]);
const metadataSchema = z.object({
  keyslots: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      key_size: z.int().positive(),
      priority: z.int().optional(),
      kdf: kdfSchema.optional(),
    }),
  ),
  tokens: z.record(z.string(), z.looseObject({ type: z.string() })),
  segments: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      offset: decimal,
      size: z.string(),
      encryption: z.string().optional(),
      sector_size: z.int().positive().optional(),
      integrity: z.unknown().optional(),
    }),
  ),
  digests: z.record(z.string(), z.looseObject({ hash: z.string().optional() })),
  config: z.looseObject({
    json_size: decimal,
    keyslots_size: decimal,
    flags: z.array(z.string()).optional(),
    requirements: z.looseObject({ mandatory: z.array(z.string()).optional() }).optional(),
  }),
});

/**
 * Reads a LUKS header from the device itself: `luksDump --dump-json-metadata` is too new for many machines.
 * @throws RekindleError RK416 for no sound header, RK424 for what cannot be made again
 */
export async function readLuksHeader(device: string): Promise<LuksContent> {
  const start = await readStart(device);
  if (start.toString('latin1', 0, 6) !== magic) throw new RekindleError('RK416', `${device} has no LUKS header`);
  const version = start.readUInt16BE(6);
  if (version === 1) return parseLuks1(start);
  if (version !== 2) throw new RekindleError('RK424', `${device}: LUKS version ${version}`);
  const text = start.toString('utf8', binaryBytes, Number(start.readBigUInt64BE(8))).replace(/\0.*$/s, '');
  return parseLuks2(start, text, device);
}

async function readStart(device: string): Promise<Buffer> {
  const file = await open(device, 'r');
  try {
    const first = (await file.read(Buffer.alloc(binaryBytes), 0, binaryBytes, 0)).buffer;
    const said = first.readUInt16BE(6) === 2 ? Number(first.readBigUInt64BE(8)) : binaryBytes;
    const size = Math.max(binaryBytes, Math.min(said, mostHeader));
    return (await file.read(Buffer.alloc(size), 0, size, 0)).buffer;
  } finally {
    await file.close();
  }
}

function textAt(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

/** struct luks_phdr of cryptsetup's lib/luks1. */
function parseLuks1(header: Buffer): LuksContent {
  const hash = textAt(header, 72, 32);
  const keySlots = Array.from({ length: 8 }, (_, slot) => ({ slot, at: 208 + slot * 48 }))
    .filter(({ at }) => header.readUInt32BE(at) === slotEnabled)
    .map(({ slot, at }) => {
      return { slot, pbkdf: { type: 'pbkdf2' as const, hash, iterations: header.readUInt32BE(at + 4) } };
    });
  return {
    kind: 'luks',
    version: 1,
    uuid: textAt(header, 168, 40),
    label: '',
    subsystem: '',
    cipher: `${textAt(header, 8, 32)}-${textAt(header, 40, 32)}`,
    keyBytes: header.readUInt32BE(108),
    hash,
    sectorBytes: 512,
    dataOffsetBytes: header.readUInt32BE(104) * 512,
    metadataBytes: null,
    keyslotsBytes: null,
    flags: [],
    keySlots,
    tokens: [],
  };
}

function parseLuks2(header: Buffer, text: string, device: string): LuksContent {
  const parsed = metadataSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new RekindleError('RK416', `LUKS2 metadata of ${device}: ${z.prettifyError(parsed.error)}`);
  const { keyslots, tokens, segments, digests, config } = parsed.data;
  const [segment, second] = Object.values(segments);
  const unusual = [
    ...(config.requirements?.mandatory ?? []).map((name) => `requirement ${name}`),
    ...(second === undefined ? [] : ['several segments (a re-encryption is under way)']),
    ...(segment?.type === 'crypt' ? [] : [`segment of type ${segment?.type ?? 'none'}`]),
    ...(segment?.integrity === undefined ? [] : ['authenticated encryption (integrity)']),
  ];
  if (segment === undefined || unusual.length > 0) throw new RekindleError('RK424', `${device}: ${unusual.join(', ')}`);
  const slots = Object.entries(keyslots).filter(([, { type }]) => type === 'luks2');
  return {
    kind: 'luks',
    version: 2,
    uuid: textAt(header, 168, 40),
    label: textAt(header, 24, 48),
    subsystem: textAt(header, 208, 48),
    cipher: segment.encryption ?? '',
    keyBytes: slots[0]?.[1].key_size ?? 64,
    hash: Object.values(digests)[0]?.hash ?? 'sha256',
    sectorBytes: segment.sector_size ?? 512,
    dataOffsetBytes: segment.offset,
    metadataBytes: config.json_size + binaryBytes,
    keyslotsBytes: config.keyslots_size,
    flags: config.flags ?? [],
    keySlots: slots.flatMap(([slot, { kdf, priority }]) =>
      kdf === undefined ? [] : [{ slot: Number(slot), pbkdf: pbkdfOf(kdf), ...priorityOf(priority) }],
    ),
    tokens: Object.values(tokens).map(({ type }) => type),
    metadata: text,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function pbkdfOf(kdf: z.infer<typeof kdfSchema>): Pbkdf {
  if (kdf.type === 'pbkdf2') return { type: 'pbkdf2', hash: kdf.hash, iterations: kdf.iterations };
  return { type: kdf.type, iterations: kdf.time, memoryKiB: kdf.memory, threads: kdf.cpus };
}

function priorityOf(priority: number | undefined): { priority?: string } {
  return priority === undefined || priority === 1 ? {} : { priority: priority === 0 ? 'ignore' : 'prefer' };
}
