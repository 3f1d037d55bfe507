import { registerHooks } from 'node:module';

const shim = new URL('../../tui/charts/blessed-shim.ts', import.meta.url).href;

// blessed-contrib is loaded by Node itself in tests: there the bundler's alias for blessed does not count.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'blessed' ? { url: shim, format: 'module-typescript', shortCircuit: true } : next(specifier, context),
});
