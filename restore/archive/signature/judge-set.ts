import { RekindleError } from '../../../common/errors/error.ts';
import type { RecoverySet } from '../open-set.ts';
import { fingerprint, formatKeyId, type PublicKey, renderPublicKey } from './public-key.ts';
import { parseSignature } from './signature-file.ts';
import { verifyBytes } from './verify.ts';

/** What the signature of a set's manifest says, and with it of all files but set.json. */
export type SetTrust =
  | { kind: 'signed'; keyId: string; key: string; fingerprint: string; comment: string }
  | { kind: 'unsigned' }
  /** By none of the keys at hand; nothing is known of the content. */
  | { kind: 'otherKey'; keyId: string }
  /** It names one of the keys, and is not good. */
  | { kind: 'changed'; words: string };

/** Judges the very bytes that the manifest was read from. A rescue-only medium has nothing to sign. */
export function judgeSet({ sealed }: RecoverySet, keys: readonly PublicKey[]): SetTrust {
  if (!sealed?.signature) return { kind: 'unsigned' };
  let worst: SetTrust | null = null;
  for (const key of keys) {
    const result = verifyBytes(sealed.manifest, sealed.signature, key);
    if (result.kind === 'good') {
      const line = renderPublicKey(key).split('\n')[1] ?? '';
      const { keyId, trustedComment } = result;
      return { kind: 'signed', keyId, key: line, fingerprint: fingerprint(key), comment: trustedComment };
    }
    if (result.kind === 'bad' && result.reason !== 'otherKey') worst = { kind: 'changed', words: result.words };
  }
  if (worst) return worst;
  const parsed = parseSignature(sealed.signature);
  if (!parsed) return { kind: 'changed', words: 'the signature file is damaged' };
  return { kind: 'otherKey', keyId: formatKeyId(parsed.id) };
}

/** @param name 'the full set of web01 made 2026-11-20' @throws RekindleError RK360 to RK362 unless one of the keys signed it */
export function assertSigned(trust: SetTrust, name: string, keys: readonly PublicKey[]): void {
  if (trust.kind === 'signed') return;
  const wanted = `wanted: key ${keys.map(({ keyId }) => keyId).join(' or ')}`;
  if (trust.kind === 'unsigned') throw new RekindleError('RK360', `${name}; ${wanted}`);
  if (trust.kind === 'otherKey') throw new RekindleError('RK361', `${name} is signed by key ${trust.keyId}; ${wanted}`);
  throw new RekindleError('RK362', `${name}: ${trust.words}`);
}
