import type { PackageList } from '../facts.ts';
import { NothingKnown, runTool } from './ask.ts';

type Package = PackageList['packages'][number];

interface Lister {
  tool: string;
  argv: readonly [string, ...string[]];
  parse(output: string): Package[];
}

const dpkgFields = ['Package', 'Version', 'Architecture', 'db:Status-Status'].map((name) => `$\{${name}}`);

const listers: readonly Lister[] = [
  { tool: 'dpkg', argv: ['dpkg-query', '--show', `--showformat=${dpkgFields.join('\\t')}\\n`], parse: parseTabs },
  { tool: 'rpm', argv: ['rpm', '--query', '--all', '--queryformat=%{NAME}\\t%{EVR}\\t%{ARCH}\\n'], parse: parseTabs },
  { tool: 'pacman', argv: ['pacman', '--query'], parse: parsePacman },
];

/** The packages of this machine, by name. A Debian may have an rpm without packages: the longest list is the machine's. */
export async function readPackages(): Promise<PackageList> {
  const lists = await Promise.all(
    listers.map(async ({ tool, argv, parse }) => ({
      tool,
      packages: await runTool(argv).then(
        ({ stdout }) => parse(stdout).toSorted((left, right) => compare(left.name, right.name)),
        () => [],
      ),
    })),
  );
  const longest = lists.toSorted((left, right) => right.packages.length - left.packages.length)[0];
  if (longest === undefined || longest.packages.length === 0)
    throw new NothingKnown(`none of ${listers.map(({ tool }) => tool).join(', ')} lists packages here`);
  return longest;
}

/** By character codes: the same on every machine, whatever its locale. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Lines of name, version, architecture and, from dpkg, state: removed packages keep an entry there. */
export function parseTabs(output: string): Package[] {
  return output.split('\n').flatMap((line) => {
    const [name = '', version = '', architecture = '', state = 'installed'] = line.split('\t');
    // rpm lists the keys that it trusts as packages.
    if (name === '' || name === 'gpg-pubkey' || state !== 'installed') return [];
    return [{ name, version, architecture }];
  });
}

/** pacman -Q: 'name version' */
export function parsePacman(output: string): Package[] {
  return output.split('\n').flatMap((line) => {
    const [name = '', version = ''] = line.split(' ');
    return name === '' ? [] : [{ name, version, architecture: '' }];
  });
}
