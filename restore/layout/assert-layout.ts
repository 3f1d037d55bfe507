import type * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { visible } from '../../common/visible.ts';
import { type Layout, layoutSchema } from './schema.ts';

const mostShown = 100;

/**
 * What was found on this machine, as a layout that a restore will read: what it would refuse there is told now.
 * @throws RekindleError RK429 naming each value
 */
export function assertLayout(found: z.input<typeof layoutSchema>): Layout {
  const parsed = layoutSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(({ path, message }) => {
    const value = path.reduce<unknown>((at, key) => memberOf(at, key), found);
    return `${nameOf(found, path)} ${shown(value)}: ${message}`;
  });
  throw new RekindleError('RK429', reasons.join('; '), { cause: parsed.error });
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** 'mount.at of disk0:5', 'swapFiles.0.path' */
function nameOf(found: z.input<typeof layoutSchema>, path: readonly PropertyKey[]): string {
  const [list, index, ...member] = path.map(String);
  const of = list === 'nodes' ? memberOf(memberOf(found.nodes, index ?? ''), 'id') : undefined;
  return typeof of === 'string' ? `${member.join('.')} of ${visible(of)}` : path.map(String).join('.');
}

function shown(value: unknown): string {
  const text = visible(JSON.stringify(value) ?? 'nothing');
  return text.length > mostShown ? `${text.slice(0, mostShown)} and more` : text;
}
