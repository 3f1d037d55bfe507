import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * Bundles rekindle.ts into one CommonJS file: only of that does Node's code cache save the compiling at each start.
 * @returns every file that went into it, relative to the repository
 */
export async function bundle(root: string, outfile: string): Promise<string[]> {
  const packageJson = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['rekindle.ts'],
    outfile,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'none',
    jsx: 'automatic',
    logLevel: 'warning',
    // Only the sources ask where they lie; the executable never does.
    logOverride: { 'empty-import-meta': 'silent' },
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.REKINDLE_VERSION': JSON.stringify(packageJson.version),
    },
    alias: { blessed: join(root, 'tui/charts/blessed-shim.ts') },
    plugins: [inkWithoutWaiting(root), quickTextWidth(root)],
  });
  return Object.keys(metafile.inputs);
}

/** What CommonJS cannot hold: Ink waits for Yoga, which the menu does itself (tui/layout-engine.ts), and for its developer tools. */
function inkWithoutWaiting(root: string): Plugin {
  return {
    name: 'ink-without-waiting',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^yoga-layout$/ }, () => ({ path: join(root, 'tui/layout-engine.ts') }));
      onLoad({ filter: /\/ink\/build\/reconciler\.js$/ }, async ({ path }) => {
        let contents = await readFile(path, 'utf8');
        for (const waiting of ["await import('./devtools.js')", 'await loadPackageJson()']) {
          if (!contents.includes(waiting)) throw new Error(`${path} has no "${waiting}": this Ink is another one`);
          contents = contents.replace(waiting, '{}');
        }
        return { contents, loader: 'js' };
      });
      // It would fetch its own text by HTTP's means, and loading those takes longer than all the rest of it.
      onLoad({ filter: /\/yoga-wasm-base64-esm\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('!=typeof fetch?'))
          throw new Error(`${path} does not ask for fetch: this Yoga is another one`);
        return { contents: `const fetch = undefined;\n${text}`, loader: 'js' };
      });
    },
  };
}

/** Ink and what it uses measure text by tui/text-width.ts, which alone knows the package it stands in for. */
function quickTextWidth(root: string): Plugin {
  const own = join(root, 'tui/text-width.ts');
  return {
    name: 'quick-text-width',
    setup({ onResolve }) {
      onResolve({ filter: /^string-width$/ }, ({ importer }) => (importer === own ? undefined : { path: own }));
    },
  };
}
