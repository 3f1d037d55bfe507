import type * as z from 'zod';
import type { Action } from '../plan/step.ts';
import type { Probe } from './probe.ts';
import type { Resizer } from './resizer.ts';
import type { Content } from './schema.ts';

/** Another content of the layout, with the device that it gets. */
export interface Peer {
  content: Content;
  device: string;
}

/** How a saved content is made again, as data. */
export interface ContentPlan {
  /** 'ext4 file system', 'swap area'. */
  name: string;
  /** What the mounted file system must answer to; null where nothing can be asked. */
  uuid: string | null;
  /**
   * How it is mounted to be filled; null when it cannot be (swap). `before` comes first each time; of several `devices`
   * the kernel may name any.
   */
  mount: { type: string; options: string; before?: Action[]; devices?: string[] } | null;
  /** Tried before anything is wiped: fails when this rescue's tool cannot make such a content. */
  rehearse: Action[];
  make: Action[];
  /** The very last, when it is unmounted: what would have been in the way before. */
  finish?: Action[];
  /** What does not come back, for the plan's warnings. */
  notes: string[];
}

/** A partition's content: a file system or swap. One per file beside this one, listed in content.ts. */
export interface ContentLayer {
  /** TYPE of blkid, equal to `kind` of the content. */
  kinds: readonly string[];
  /** Reads all that is needed to make it again. @param device node or image file */
  capture(device: string, probe: Probe): Promise<Content>;
  plan(content: Content, device: string, peers: readonly Peer[]): ContentPlan;
  /** How it is made at another size; without it it keeps its own. */
  resizer?: Resizer;
}

/** Ties a layer's capture and plan to its schema, so that a plan only ever sees its own content. */
export function contentLayer<C extends Content>(
  schema: z.ZodType<C>,
  layer: {
    kinds: readonly C['kind'][];
    capture(device: string, probe: Probe): Promise<C>;
    plan(content: C, device: string, peers: readonly Peer[]): ContentPlan;
    resizer?: Resizer<C>;
  },
): ContentLayer {
  return {
    kinds: layer.kinds,
    capture: layer.capture,
    plan: (content, device, peers) => layer.plan(schema.parse(content), device, peers),
    ...(layer.resizer === undefined ? {} : { resizer: anyResizer(schema, layer.resizer) }),
  };
}

function anyResizer<C extends Content>(schema: z.ZodType<C>, resizer: Resizer<C>): Resizer {
  const { applies } = resizer;
  return {
    ...(applies === undefined ? {} : { applies: (content) => applies(schema.parse(content)) }),
    minimumBytes: (content, load) => resizer.minimumBytes(schema.parse(content), load),
    maximumBytes: (content) => resizer.maximumBytes(schema.parse(content)),
    at: (content, sizeBytes, load) => resizer.at(schema.parse(content), sizeBytes, load),
  };
}

/** A step's `run` action. */
export function runs(argv: readonly [string, ...string[]], okExit?: number[]): Action {
  const [file, ...rest] = argv;
  return { type: 'run', argv: [file, ...rest], ...(okExit === undefined ? {} : { okExit }) };
}
