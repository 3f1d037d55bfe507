import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeMedium } from '../../../../init/medium/probe.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'probe-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An image file of that size, given to a tool. */
function image(name: string, megabytes: number, tool: readonly string[] = []): string {
  const file = join(directory, name);
  writeFileSync(file, '');
  truncateSync(file, megabytes << 20);
  const [command, ...args] = tool;
  if (command) execFileSync(command, [...args, file], { stdio: 'ignore' });
  return file;
}

describe('[A7] a medium is told by its magic numbers', () => {
  it('a disc image', async () => {
    const tree = join(directory, 'tree');
    mkdirSync(tree);
    writeFileSync(join(tree, 'file'), 'x');
    const file = join(directory, 'x.iso');
    execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-r', '-o', file, tree], { stdio: 'ignore' });
    expect(await probeMedium(file)).toBe('iso9660');
  });

  it.each([
    [['mkfs.vfat', '-F', '16'], 'vfat'],
    [['mkfs.vfat', '-F', '32'], 'vfat'],
    [['mkfs.ext4', '-q', '-F'], 'ext4'],
    [['mkfs.ext2', '-q', '-F'], 'ext4'],
  ] as const)('%j', async (tool, type) => {
    expect(await probeMedium(image('fs', 64, tool))).toBe(type);
  });

  it('and nothing else is taken for one: zeroes, a partition table, a few bytes', async () => {
    expect(await probeMedium(image('zero', 1))).toBeNull();
    const disk = image('disk', 8);
    execFileSync('sfdisk', ['-q', disk], { input: 'label: dos\n2048,,c\n' });
    expect(await probeMedium(disk)).toBeNull();
    const short = join(directory, 'short');
    writeFileSync(short, 'x');
    expect(await probeMedium(short)).toBeNull();
    await expect(probeMedium(join(directory, 'none'))).rejects.toThrow(/ENOENT/);
  });
});
