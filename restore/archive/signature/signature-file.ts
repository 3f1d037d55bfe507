import { commentPrefix, decodeExactly } from './public-key.ts';

export const trustedPrefix = 'trusted comment: ';
/** minisign reads no longer one. */
export const longestTrustedComment = 8192 - trustedPrefix.length - 2;
const longestUntrustedComment = 1024 - commentPrefix.length - 2;

/** A .minisig file. */
export interface Signature {
  /** 'ED': of the content's BLAKE2b-512; 'Ed': of the content itself (legacy). */
  algorithm: 'ED' | 'Ed';
  id: Buffer;
  signature: Buffer;
  trustedComment: string;
  /** Over signature and trusted comment. */
  globalSignature: Buffer;
}

/**
 * One line that is safe on a terminal and the same to us and to minisign, which ends a comment at a NUL and takes
 * carriage returns away.
 */
function isOneLine(text: string): boolean {
  return !/[\x00-\x08\x0a-\x1f\x7f-\x9f]/.test(text);
}

/** Reads a .minisig file. @returns null when it is not one */
export function parseSignature(bytes: Uint8Array): Signature | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const [untrusted = '', data = '', trusted = '', global = ''] = text.split(/\r?\n/);
  const head = decodeExactly(data, 74);
  const globalSignature = decodeExactly(global, 64);
  const algorithm = head?.subarray(0, 2).toString('latin1');
  if (!untrusted.startsWith(commentPrefix) || !trusted.startsWith(trustedPrefix)) return null;
  if (!head || !globalSignature || (algorithm !== 'ED' && algorithm !== 'Ed')) return null;
  const trustedComment = trusted.slice(trustedPrefix.length);
  if (!isOneLine(trustedComment) || Buffer.byteLength(trustedComment) > longestTrustedComment) return null;
  return { algorithm, id: head.subarray(2, 10), signature: head.subarray(10), trustedComment, globalSignature };
}

/** The .minisig file. @throws RangeError for a comment that minisign could not read back */
export function renderSignature(signature: Signature, untrustedComment: string): string {
  const { algorithm, id, trustedComment, globalSignature } = signature;
  if (!isOneLine(untrustedComment) || Buffer.byteLength(untrustedComment) > longestUntrustedComment)
    throw new RangeError('the untrusted comment must be one line of less than 1000 bytes');
  if (!isOneLine(trustedComment) || Buffer.byteLength(trustedComment) > longestTrustedComment)
    throw new RangeError('the trusted comment must be one line of less than 8000 bytes');
  const head = Buffer.concat([Buffer.from(algorithm), id, signature.signature]).toString('base64');
  const global = globalSignature.toString('base64');
  return `${commentPrefix}${untrustedComment}\n${head}\n${trustedPrefix}${trustedComment}\n${global}\n`;
}
