import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programs, programsFor } from '../../../../build/preflight/programs.ts';
import { families } from '../../../../common/packages/distribution.ts';
import { knownPackagesOf } from '../../../../common/packages/packages.ts';

const root = join(import.meta.dirname, '../../../..');

/** Every file of ours that `create` can reach, with its text. */
function reachable(entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file) || !/\.tsx?$/.test(file)) continue;
    const text = readFileSync(join(root, file), 'utf8');
    found.set(file, text);
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g))
      queue.push(join(dirname(file), specifier));
  }
  return found;
}

/**
 * Calls of the runners whose first word does not stand in the call, nor as `argv` in the file: which programs they run, after a look at
 * them. A new one fails the test until somebody looked, and the list of `create`'s programs has them.
 */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  // They are given one.
  'restore/layout/probe.ts': [],
  'build/report/collect/ask.ts': [],
  // `run` is a function of its own there, that makes a step of a plan.
  'restore/layout/luks.ts': [],
  'build/report/collect/packages.ts': ['dpkg-query', 'rpm', 'pacman'],
  'build/rescue/segment.ts': ['zstd', 'gzip'],
  'build/rescue/module-file.ts': ['xz'],
  'build/rescue/libraries.ts': ['ldconfig'],
  'build/rescue/prove.ts': ['ldconfig'],
  'build/iso/uefi.ts': ['grub-mkimage'],
  'build/volume-copies.ts': ['lvcreate'],
  'restore/archive/raw/write-raw.ts': ['dd', ...programs.helpful.filter((name) => name.startsWith('partclone.'))],
  'restore/archive/saving-tar.ts': ['tar', 'find'],
};

/** Where the runners are themselves, a program is a parameter. */
const runners = [
  'common/run.ts',
  'common/look.ts',
  'restore/archive/child.ts',
  'restore/archive/through-tool.ts',
  'build/hooks.ts',
];
const call = /(?<![.\w]|function )(?:run|runTool|runJson|startTool|throughTool|ask)(?:<[^>]*>)?\(\s*([^\s,)][^,)]*)/g;
/** Methods of that name, and the report's `ask`, which takes a function. */
const noCall = /^(\(|context|\{|read\w+$|prompt|path|signal)/;

function programsRun(): { found: Set<string>; unknown: string[] } {
  const found = new Set<string>();
  const unknown: string[] = [];
  for (const [file, text] of reachable('build/main.ts')) {
    if (runners.includes(file)) continue;
    for (const [, first = ''] of text.matchAll(call)) {
      const literal = /^\[\s*'([^']+)'/.exec(first)?.[1];
      if (literal !== undefined) found.add(literal);
      else if (noCall.test(first)) continue;
      else if (elsewhere[file] !== undefined) for (const name of elsewhere[file]) found.add(name);
      else {
        const named = [...text.matchAll(/\bargv = \[\s*'([^']+)'/g)].flatMap(([, name]) => name ?? []);
        if (named.length === 0 || !/argv\b/.test(first)) unknown.push(`${file}: ${first}`);
        for (const name of named) found.add(name);
      }
    }
  }
  // Not by a runner: the process becomes it.
  return { found: found.add('unshare').add('stat').add('ls'), unknown };
}

const listed = new Set([
  ...programs.medium,
  ...programs.backup,
  ...programs.uefi,
  ...Object.values(programs.types).flat(),
  ...programs.modules(['a.ko.xz', 'b.ko.zst', 'c.ko.gz', 'd.ko']),
  ...programs.helpful,
]);

describe('the programs that create runs [A1]', () => {
  const { found, unknown } = programsRun();

  it('are found, each call of a runner', () => {
    expect(unknown).toEqual([]);
    expect(found.size).toBeGreaterThan(40);
  });

  it('are those of the list that check asks for, no more and no less', () => {
    expect([...found].filter((name) => !listed.has(name))).toEqual([]);
    expect([...listed].filter((name) => !found.has(name))).toEqual([]);
  });

  it('have a package in every family of distributions, but what a family brings itself', () => {
    const own = ['dpkg-query', 'rpm', 'pacman'];
    for (const family of families)
      for (const name of [...listed, ...programsFor({ rescueOnly: false, firmware: 'uefi' })].filter(
        (each) => !own.includes(each),
      ))
        expect(knownPackagesOf(name, { name: '', family }), `${name} on ${family}`).not.toBeNull();
  });

  it('are fewer without a backup, and more by UEFI', () => {
    const of = (rescueOnly: boolean, firmware: 'bios' | 'uefi') => programsFor({ rescueOnly, firmware });
    expect(of(false, 'bios')).toEqual(expect.arrayContaining(of(true, 'bios')));
    expect(of(true, 'uefi').filter((name) => !of(true, 'bios').includes(name))).toEqual(['mkfs.fat', 'efibootmgr']);
  });
});
