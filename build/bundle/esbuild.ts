import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles rekindle.ts into one ESM file. Ink and yoga use top-level await, so it cannot be CommonJS. */
export async function bundle(root: string, outfile: string): Promise<void> {
  const packageJson = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  await build({
    absWorkingDir: root,
    entryPoints: ['rekindle.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'none',
    jsx: 'automatic',
    logLevel: 'warning',
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.REKINDLE_VERSION': JSON.stringify(packageJson.version),
    },
    alias: {
      'react-devtools-core': join(root, 'build/bundle/react-devtools-stub.ts'),
      blessed: join(root, 'tui/charts/blessed-shim.ts'),
    },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url ?? 'file:///rekindle');",
    },
  });
}
