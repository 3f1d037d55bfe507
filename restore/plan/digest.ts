import { createHash } from 'node:crypto';
import type { Plan, Step } from './step.ts';

/** SHA-256 in hex of the steps' canonical JSON: keys in code-unit order, absent members left out, no spaces. */
export function digestOf(steps: readonly Step[]): string {
  return createHash('sha256').update(canonicalJson(steps)).digest('hex');
}

/** What the digest of a whole plan is. */
export function planDigest({ steps, reopen }: Pick<Plan, 'steps' | 'reopen'>): string {
  return digestOf([...steps, ...(reopen?.steps ?? [])]);
}

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}
