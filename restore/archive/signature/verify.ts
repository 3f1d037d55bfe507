import { createHash, verify } from 'node:crypto';
import { RekindleError } from '../../../common/errors/error.ts';
import { readSmallFile } from '../../../common/files/read-small-file.ts';
import { fingerprint, formatKeyId, type PublicKey } from './public-key.ts';
import { parseSignature, type Signature } from './signature-file.ts';

export interface GoodSignature {
  kind: 'good';
  keyId: string;
  trustedComment: string;
}

/** What a signature says about a content. Only `good` says anything about the content. */
export type SignatureResult =
  | GoodSignature
  /** There is no signature. */
  | { kind: 'unsigned' }
  | { kind: 'bad'; reason: BadSignature; words: string };

export type BadSignature =
  /** Not a signature file. */
  | 'malformed'
  /** Made with a key of another id. */
  | 'otherKey'
  /** The content or the signature was changed, or it was made with another key of the same id. */
  | 'content'
  /** The content is good, the trusted comment was changed. */
  | 'comment';

const bad = (reason: BadSignature, words: string): SignatureResult => ({ kind: 'bad', reason, words });

/** What Ed25519 signs: the digest, or the content itself in minisign's legacy form. */
function messageOf(content: Uint8Array, { algorithm }: Signature): Uint8Array {
  return algorithm === 'ED' ? createHash('blake2b512').update(content).digest() : content;
}

/**
 * Checks a content against the bytes of its .minisig file, the trusted comment with it. Verify the very bytes that
 * are used afterwards, not a file that is read again.
 * @param signature null when there is none
 */
export function verifyBytes(content: Uint8Array, signature: Uint8Array | null, key: PublicKey): SignatureResult {
  if (signature === null) return { kind: 'unsigned' };
  const parsed = parseSignature(signature);
  if (!parsed) return bad('malformed', 'the signature file is damaged');
  if (!parsed.id.equals(key.id))
    return bad('otherKey', `it was made with key ${formatKeyId(parsed.id)}, not with key ${key.keyId}`);
  if (!verify(null, messageOf(content, parsed), key.key, parsed.signature))
    return bad('content', `it does not fit the content and key ${key.keyId} (${fingerprint(key)})`);
  const { trustedComment } = parsed;
  const commented = Buffer.concat([parsed.signature, Buffer.from(trustedComment)]);
  if (!verify(null, commented, key.key, parsed.globalSignature))
    return bad('comment', 'its trusted comment was changed');
  return { kind: 'good', keyId: key.keyId, trustedComment };
}

/** Four lines, two of them comments. */
const signatureBytes = 64 << 10;

/** Reads the signature of a file from beside it. @returns null when there is none */
export async function readSignature(path: string): Promise<Buffer | null> {
  try {
    return await readSmallFile(`${path}.minisig`, { limit: signatureBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * For where a good signature is a condition.
 * @param name what was signed, for the message @throws RekindleError RK331 bad, RK332 unsigned
 */
export function requireGood(result: SignatureResult, name: string): GoodSignature {
  if (result.kind === 'good') return result;
  if (result.kind === 'unsigned') throw new RekindleError('RK332', `${name}.minisig does not exist`);
  throw new RekindleError('RK331', `${name}: ${result.words}`);
}
