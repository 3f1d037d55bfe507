import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundle } from '../../../../build/bundle/esbuild.ts';
import { bundledPackages, packageOf, renderLicences } from '../../../../build/bundle/licences.ts';

const root = join(import.meta.dirname, '../../../..');

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rekindle-licences-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function madePackage(about: Record<string, unknown>, files: Record<string, string> = {}): Promise<string> {
  const directory = await temporary();
  const folder = join(directory, 'node_modules/one');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'one', version: '1.2.3', ...about }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await mkdir(join(directory, 'node_modules/@lydell/node-pty'), { recursive: true });
  const pty = { name: '@lydell/node-pty', version: '1.1.0', license: 'MIT', author: 'Simon' };
  await writeFile(join(directory, 'node_modules/@lydell/node-pty/package.json'), JSON.stringify(pty));
  return directory;
}

describe('licences of what is in the executable', () => {
  let inputs: string[] = [];
  let text = '';
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rekindle-licences-'));
    inputs = await bundle(root, join(directory, 'rekindle.cjs'));
    text = await renderLicences(root, inputs);
    await rm(directory, { recursive: true, force: true });
  });

  it('name every package that a file of the bundle comes from, with its text', async () => {
    const folders = new Set(inputs.flatMap((file) => packageOf(file) ?? []));
    expect(folders.size).toBeGreaterThan(40);
    const packages = await bundledPackages(root, inputs);
    for (const { name, version, text: own } of packages) {
      expect(text).toContain(`\n${name} ${version} (`);
      expect(text).toContain(own);
    }
    for (const folder of folders) {
      const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
      expect(packages.map((each) => each.name)).toContain(name);
    }
    for (const name of ['ink', 'react', 'yoga-layout', 'zod', 'age-encryption', '@lydell/node-pty'])
      expect(packages.map((each) => each.name)).toContain(name);
  });

  it('have our own first, and those of Node with all that it holds, and of libatomic', () => {
    expect(text.indexOf('Rekindle')).toBeLessThan(text.indexOf('ansi-'));
    for (const words of [
      'Node.js is licensed for use as follows',
      'OpenSSL',
      'V8',
      'zstd',
      'Runtime Library Exception',
    ])
      expect(text).toContain(words);
  });
});

describe('the licence of one package', () => {
  it('is each file that it has for that, notices too', async () => {
    const directory = await madePackage({ license: 'MIT' }, { 'LICENSE.md': 'its words', NOTICE: 'and these' });
    const [, one] = await bundledPackages(directory, [
      'node_modules/one/index.js',
      'node_modules/one/b.js',
      'tui/app.tsx',
    ]);
    expect(one).toMatchObject({ name: 'one', version: '1.2.3', licence: 'MIT', text: 'its words\n\nand these' });
  });

  it('is the standard text with its author where it has no file', async () => {
    const directory = await madePackage({ license: 'MIT', author: { name: 'Anna' } });
    const [, one] = await bundledPackages(directory, ['node_modules/one/index.js']);
    expect(one?.text).toMatch(/Copyright \(c\) Anna\n[\s\S]*Permission is hereby granted/);
  });

  it.each([{ license: 'MIT' }, { license: 'GPL-3.0', author: 'Anna' }])(
    'that cannot be told stops the build: %j',
    async (about) => {
      const directory = await madePackage(about);
      await expect(bundledPackages(directory, ['node_modules/one/index.js'])).rejects.toThrow(/one 1\.2\.3/);
    },
  );

  it('is found for scoped packages and packages in packages', () => {
    expect(packageOf('node_modules/@a/b/lib/c.js')).toBe('node_modules/@a/b');
    expect(packageOf('node_modules/a/node_modules/b/c.js')).toBe('node_modules/a/node_modules/b');
    expect(packageOf('tui/app.tsx')).toBeNull();
  });
});
