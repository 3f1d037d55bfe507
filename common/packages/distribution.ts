import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const families = ['debian', 'fedora', 'suse', 'arch'] as const;
export type Family = (typeof families)[number];

export interface Distribution {
  /** PRETTY_NAME. */
  name: string;
  /** Null: one whose packages we do not know. */
  family: Family | null;
}

const familyOf: Record<string, Family> = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'fedora',
  rhel: 'fedora',
  centos: 'fedora',
  suse: 'suse',
  opensuse: 'suse',
  arch: 'arch',
};

const installCommand: Record<Family, string> = {
  debian: 'apt-get install',
  fedora: 'dnf install',
  suse: 'zypper install',
  arch: 'pacman -S',
};

function fieldOf(text: string, key: string): string {
  const match = new RegExp(`^${key}=(?:"(.*)"|'(.*)'|(.*))$`, 'm').exec(text);
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
}

/** Reads os-release(5): ID first, then what the distribution says it is like. */
export function parseOsRelease(text: string): Distribution {
  const words = `${fieldOf(text, 'ID')} ${fieldOf(text, 'ID_LIKE')}`.split(/\s+/);
  const known = words.map((word) => familyOf[word] ?? familyOf[word.split('-')[0] ?? '']).find(Boolean);
  return { name: fieldOf(text, 'PRETTY_NAME') || 'this Linux', family: known ?? null };
}

/** The distribution of the machine (or of another root directory). */
export async function readDistribution(root = '/'): Promise<Distribution> {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    const text = await readFile(join(root, path), 'utf8').catch(() => null);
    if (text !== null) return parseOsRelease(text);
  }
  return { name: 'this Linux', family: null };
}

/** The command that installs packages; for an unknown distribution the packages' usual names. */
export function renderInstall(distribution: Distribution, packages: readonly string[]): string {
  const names = [...new Set(packages)].toSorted().join(' ');
  if (distribution.family === null) return `Install these with the package manager of ${distribution.name}: ${names}`;
  return `${installCommand[distribution.family]} ${names}`;
}
