import { createHash } from 'node:crypto';
import type { SecretKey } from './secret-key.ts';
import { renderSignature } from './signature-file.ts';

export interface SignOptions {
  /** Signed with the content, shown by `minisign -V`: one line. What ties the content to its purpose belongs here. */
  trustedComment: string;
  /** Not signed: one line. */
  untrustedComment?: string;
}

/**
 * Signs a content as `minisign -S` does (prehashed: BLAKE2b-512 and Ed25519).
 * @returns the .minisig file, which lies beside the content under its name with '.minisig'
 */
export function signBytes(content: Uint8Array, key: SecretKey, options: SignOptions): string {
  const signature = key.sign(createHash('blake2b512').update(content).digest());
  const globalSignature = key.sign(Buffer.concat([signature, Buffer.from(options.trustedComment)]));
  return renderSignature(
    {
      algorithm: 'ED',
      id: key.publicKey.id,
      signature,
      trustedComment: options.trustedComment,
      globalSignature,
    },
    options.untrustedComment ?? 'signature from minisign secret key',
  );
}
