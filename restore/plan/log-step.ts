import { isOnLayer } from '../layout/graph.ts';
import type { Layout } from '../layout/schema.ts';
import { inTarget, mountable, type Place } from './fill.ts';
import { targetRoot } from './roots.ts';
import type { Step } from './step.ts';

/** Each of its members holds all of it. */
function isOnMirror({ arrays }: Layout, { origin }: Place['node']): boolean {
  return origin.type === 'array' && arrays.some(({ id, level }) => id === origin.array && level === 'raid1');
}

/** Where / lies on layers, the first place beside them; next best is a mirror. Undefined: / itself, or nowhere. */
function besideRoot(layout: Layout, mounted: ReturnType<typeof mountable>): { at: string } | undefined {
  const root = mounted.find(({ at }) => at === '/');
  if (root === undefined || !isOnLayer(root.place.node)) return undefined;
  const plain = mounted.find(({ place }) => !isOnLayer(place.node));
  const seen = plain ?? mounted.find(({ place }) => isOnMirror(layout, place.node));
  return seen === root ? undefined : seen;
}

/** An unattended restore looks for the marker first: not even this medium left in the drive wipes a machine twice. */
export function copyLogStep(layout: Layout, places: readonly Place[]): Step {
  const seen = besideRoot(layout, mountable(places));
  const marks = seen === undefined ? {} : { marks: [inTarget(seen.at)] };
  return {
    id: 'log',
    title: 'copy the log to /var/log/rekindle',
    target: targetRoot,
    destroys: null,
    actions: [{ type: 'copy-log', root: targetRoot, ...marks }],
    weightBytes: 0,
  };
}
