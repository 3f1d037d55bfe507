import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { memoryNote, renderGrub, renderIsolinux } from '../../../../build/iso/boot-menu.ts';

const set = '0a0a0a0a-0000-4000-8000-000000000001';

/** GRUB's own parser. */
function complaints(text: string): string {
  const { status, stdout, stderr } = spawnSync('grub-script-check', { input: text, encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** A line's words: GRUB's single quotes and backslashes are a shell's. */
function wordsOf(line: string): string[] {
  const script = `show() { for each; do printf '%s\\0' "$each"; done; }\nroot=expanded\nshow ${line}`;
  const { stdout } = spawnSync('dash', ['-c', script], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

const variables = ['$root', '${', 'root}'].join('');
const names: [string, string][] = [
  ['web01', 'web01'],
  ['a"b', 'a"b'],
  ["it's", "it's"],
  ['a$(touch x)`y`b', 'a$(touch x)`y`b'],
  [variables, variables],
  ['a\\', 'a\\'],
  ['a\nmenuentry "x" {\n  halt\n}', 'a\\x0amenuentry "x" {\\x0a  halt\\x0a}'],
  ['a\r\x1b[2J\x00', 'a\\x0d\\x1b[2J\\x00'],
  ['; reboot #', '; reboot #'],
  ['Gerät \u202e', 'Gerät \\u202e'],
];

describe('[A1] the boot menu of the medium', () => {
  it.each(names)('shows the host name %j as it is, and obeys none of it: GRUB', (machine, shown) => {
    const text = renderGrub({ set, extra: [], machine });
    expect(complaints(text)).toBe('');
    const plain = renderGrub({ set, extra: [], machine: 'web01' }).split('\n');
    const lines = text.split('\n');
    expect(lines).toHaveLength(plain.length);
    const changed = lines.filter((line, index) => line !== plain[index]);
    for (const line of changed) expect(wordsOf(line)).toEqual(['echo', `Rekindle - ${shown}. ${memoryNote}`]);
  });

  it.each(names)('shows the host name %j as it is, and obeys none of it: isolinux', (machine, shown) => {
    const lines = renderIsolinux({ set, extra: [], machine }).split('\n');
    expect(lines).toHaveLength(renderIsolinux({ set, extra: [], machine: 'web01' }).split('\n').length);
    expect(lines.filter((line) => line.startsWith('MENU TITLE'))).toEqual([`MENU TITLE Rekindle - ${shown}`]);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  it("hands every kernel argument that the command line takes to the kernel, also those that GRUB's script would cut", () => {
    const extra = ['a=1;halt', 'console=ttyS1,9600n8', 'x=@%+/:.-'];
    const text = renderGrub({ set, extra, machine: 'web01' });
    expect(complaints(text)).toBe('');
    const kernels = text.split('\n').filter((line) => line.startsWith('  linux '));
    expect(kernels.length).toBeGreaterThan(2);
    for (const line of kernels) expect(wordsOf(line.trim())).toEqual(expect.arrayContaining(extra));
  });
});
