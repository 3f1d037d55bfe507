import { posix } from 'node:path';
import { type BlsFields, blsFields, entryNames } from '../bls-fields.ts';
import type { Root } from '../root.ts';
import { comparePackages } from '../versions.ts';
import type { MenuItem } from './scope.ts';
import { parseGrubScript } from './script.ts';

/** The entries of a folder as GRUB's blscfg shows them, the newest first (grub-core/commands/blscfg.c of Fedora). */
export function blsItems(root: Root, folder: string): MenuItem[] {
  const sorted = entryNames(root, folder).toSorted((left, right) =>
    comparePackages(right.replace(/\.conf$/, ''), left.replace(/\.conf$/, '')),
  );
  return sorted.flatMap((name) => {
    const source = posix.join(folder, name);
    const fields = blsFields(root.text(source) ?? '');
    const script = scriptOf(fields);
    if (script === null) return [];
    const item: MenuItem = {
      title: fields.first('title') ?? fields.first('linux') ?? fields.first('efi') ?? name,
      id: name.replace(/\.conf$/, ''),
      maybe: false,
      isSubmenu: false,
      body: parseGrubScript(script),
      words: [],
      source,
      version: fields.first('version'),
    };
    return [item];
  });
}

/** GRUB makes commands of it: variables are put in when the entry is chosen. */
function scriptOf(fields: BlsFields): string | null {
  const linux = fields.first('linux');
  const efi = fields.first('efi') ?? fields.first('uki');
  if (linux === null) return efi === null ? null : `chainloader ($root)${efi}\n`;
  const options = fields.all('options').join(' ') || '$default_kernelopts';
  const initrds = fields.all('initrd').map((path) => ` ($root)${path}`);
  const tree = fields.first('devicetree');
  return [
    `linux ($root)${linux} ${options}`,
    ...(initrds.length === 0 ? [] : [`initrd${initrds.join('')}`]),
    ...(tree === null ? [] : [`devicetree ($root)${tree}`]),
  ].join('\n');
}
