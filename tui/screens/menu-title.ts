import { version } from '../../common/version.ts';
import type { EngineState } from '../../restore/execute/protocol.ts';

const day = 86_400_000;

/** How long ago for people. @param now milliseconds since 1970 */
export function ageOf(createdAt: string, now: number): string {
  const days = Math.floor((now - Date.parse(createdAt)) / day);
  if (Number.isNaN(days)) return 'nobody knows when';
  if (days < 0) return "by this machine's clock in the future";
  if (days === 0) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/** The head line in several wordings: which machine, and how old its backup is. What is known anyway goes first. */
export function menuTitles({ set, phase }: EngineState, now: number, dot: string): string[] {
  const product = `Rekindle ${version}`;
  if (set === null)
    return [[product, 'rescue', phase === 'starting' ? 'reading the medium' : 'no set'].join(` ${dot} `)];
  const { hostname } = set.machine;
  const host = hostname.split('.', 1)[0] ?? hostname;
  const date = set.createdAt.slice(0, 10);
  const age = ageOf(set.createdAt, now);
  const saved = `saved ${date} ${set.createdAt.slice(11, 16)}, ${age}`;
  const wordings = [
    [product, hostname, saved],
    ['Rekindle', hostname, saved],
    [hostname, saved],
    [host, saved],
    [host, `saved ${date}, ${age}`],
    // Only here is the name what gives way.
    [`saved ${date}, ${age}`, host],
  ];
  return wordings.map((parts) => parts.join(` ${dot} `));
}
