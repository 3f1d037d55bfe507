import type { SecretKey } from '../restore/archive/signature/secret-key.ts';
import { signBytes } from '../restore/archive/signature/sign.ts';

/** The comment is signed too: it ties the signature to this set of this machine. */
export function signer(key: SecretKey, set: string, hostname: string): (manifest: Buffer) => string {
  return (manifest) => signBytes(manifest, key, { trustedComment: `rekindle set ${set} of ${hostname}` });
}
