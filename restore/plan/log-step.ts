import { isOnLayer } from '../layout/graph.ts';
import type { Layout } from '../layout/schema.ts';
import { inTarget, mountable, type Place, targetRoot } from './fill.ts';
import type { Step } from './step.ts';

/** Each of its members holds all of it. */
function isOnMirror({ arrays }: Layout, { origin }: Place['node']): boolean {
  return origin.type === 'array' && arrays.some(({ id, level }) => id === origin.array && level === 'raid1');
}

/** An unattended restore looks for the marker first: not even this medium left in the drive wipes a machine twice. */
export function copyLogStep(layout: Layout, places: readonly Place[]): Step {
  const mounted = mountable(places);
  const root = mounted.find(({ at }) => at === '/');
  const seen =
    root !== undefined && isOnLayer(root.place.node)
      ? (mounted.find(({ place }) => !isOnLayer(place.node)) ??
        mounted.find(({ place }) => isOnMirror(layout, place.node)))
      : undefined;
  const marks = seen === undefined || seen === root ? {} : { marks: [inTarget(seen.at)] };
  return {
    id: 'log',
    title: 'copy the log to /var/log/rekindle',
    target: targetRoot,
    destroys: null,
    actions: [{ type: 'copy-log', root: targetRoot, ...marks }],
    weightBytes: 0,
  };
}
