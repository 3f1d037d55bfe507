import { randomBytes, scrypt } from 'node:crypto';
import { freemem } from 'node:os';
import { promisify } from 'node:util';
import type { Identity, Recipient, Stanza } from 'age-encryption';
import { formatBytes } from '../../../common/format.ts';
import { AgeError } from './failure.ts';
import { decodeBase64, encodeBase64, unwrapFileKey, wrapFileKey } from './wrap.ts';

// The library does scrypt in JavaScript, on the main thread; node:crypto does it in a thread, several times faster.
const label = 'age-encryption.org/v1/scrypt';
const saltSize = 16;
const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** age's own: one second on a desktop, 256 MiB. */
export const defaultWorkFactor = 18;
/** Above, an attacker's file could take all memory. */
export const highestWorkFactor = 20;

/** Bytes of memory that scrypt takes: 256 MiB at 18, 512 MiB at 19, 1 GiB at 20. */
export function scryptMemory(workFactor: number): number {
  return 2 ** workFactor * 1024;
}

async function deriveKey(passphrase: string, salt: Buffer, workFactor: number): Promise<Buffer> {
  const bytes = scryptMemory(workFactor);
  const needs = `work factor ${workFactor} needs ${formatBytes(bytes)}`;
  if (workFactor > highestWorkFactor)
    throw new AgeError({ kind: 'memory', bytes }, `${needs}; more than ${highestWorkFactor} is refused`);
  // Memory is overcommitted: scrypt would not fail, the kernel would end some process. freemem() is MemAvailable.
  if (bytes > freemem()) throw new AgeError({ kind: 'memory', bytes }, `${needs}, ${formatBytes(freemem())} are free`);
  const salted = Buffer.concat([Buffer.from(label), salt]);
  return derive(passphrase, salted, 32, { N: 2 ** workFactor, r: 8, p: 1, maxmem: 2 * bytes + 2 ** 20 });
}

/** Encrypts to a passphrase. The format wants a salt of its own for each file, so each file costs one scrypt. */
export class ScryptRecipient implements Recipient {
  readonly #passphrase: string;
  readonly #workFactor: number;

  /** @param workFactor base-two logarithm, 1 to 20 */
  constructor(passphrase: string, workFactor: number) {
    this.#passphrase = passphrase;
    this.#workFactor = workFactor;
  }

  async wrapFileKey(fileKey: Uint8Array): Promise<Stanza[]> {
    const salt = randomBytes(saltSize);
    const key = await deriveKey(this.#passphrase, salt, this.#workFactor);
    return [{ args: ['scrypt', encodeBase64(salt), String(this.#workFactor)], body: wrapFileKey(key, fileKey) }];
  }
}

function parseStanza(stanzas: readonly Stanza[]): { salt: Buffer; workFactor: number; body: Uint8Array } | null {
  const stanza = stanzas.find(({ args }) => args[0] === 'scrypt');
  if (!stanza) return null;
  const bad = (words: string): AgeError => new AgeError({ kind: 'badHeader' }, `the scrypt stanza ${words}`);
  if (stanzas.length !== 1) throw bad('is not the only one');
  const [, saltText = '', factorText = '', ...more] = stanza.args;
  const salt = decodeBase64(saltText);
  if (more.length > 0 || salt?.length !== saltSize || !/^[1-9]\d{0,3}$/.test(factorText) || stanza.body.length !== 32)
    throw bad('is malformed');
  return { salt, workFactor: Number(factorText), body: stanza.body };
}

/** Opens with a passphrase. Keys once derived are kept, so that opening the same file again costs nothing. */
export class ScryptIdentity implements Identity {
  readonly #passphrase: string;
  readonly #keys = new Map<string, Promise<Buffer>>();

  constructor(passphrase: string) {
    this.#passphrase = passphrase;
  }

  async unwrapFileKey(stanzas: Stanza[]): Promise<Uint8Array | null> {
    const stanza = parseStanza(stanzas);
    if (!stanza) return null;
    const id = `${stanza.workFactor} ${stanza.salt.toString('hex')}`;
    const key = this.#keys.get(id) ?? deriveKey(this.#passphrase, stanza.salt, stanza.workFactor);
    this.#keys.set(id, key);
    key.catch(() => this.#keys.delete(id)); // there may be more memory the next time
    return unwrapFileKey(await key, stanza.body);
  }
}
