import { loadYoga, type Yoga } from 'yoga-layout/load';

export * from 'yoga-layout/load';

/** In the bundle this is what Ink imports as `yoga-layout`: there nothing can wait while it is being loaded. */
const engine = {} as Yoga;
export default engine;

/** Compiles the layout engine (WebAssembly). To be awaited before Ink draws; the second time it costs nothing. */
export async function loadLayoutEngine(): Promise<void> {
  if (Object.keys(engine).length === 0) Object.assign(engine, await loadYoga());
}
