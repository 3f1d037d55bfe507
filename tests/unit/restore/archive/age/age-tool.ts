import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../../../common/run.ts';

/** A directory of its own, gone with `remove()`. */
export function workDirectory(): { path: (name: string) => string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'age-'));
  return { path: (name) => join(directory, name), remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Keys that the real tools made. */
export interface Keys {
  /** Public key, as a line. */
  recipient: string;
  /** Path of the private key. */
  identity: string;
}

export async function ageKey(identity: string): Promise<Keys> {
  await run(['age-keygen', '-o', identity]);
  return { identity, recipient: (await run(['age-keygen', '-y', identity])).stdout.trim() };
}

/** @param format 'PEM' (PKCS#1) or 'PKCS8'; OpenSSH's own without it */
export async function sshKey(identity: string, type: 'ed25519' | 'rsa', format?: string): Promise<Keys> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  const form = format === undefined ? [] : ['-m', format];
  await run(['ssh-keygen', '-q', '-t', type, ...bits, ...form, '-N', '', '-C', 'a test', '-f', identity]);
  return { identity, recipient: (await run(['cat', `${identity}.pub`])).stdout.trim() };
}
