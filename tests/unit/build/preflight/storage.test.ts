import { describe, expect, it } from 'vitest';
import { contentTools, missingMakers } from '../../../../build/preflight/checks/storage.ts';
import { neededTools, optionalTools } from '../../../../build/rescue/tools.ts';
import { parseOsRelease } from '../../../../common/packages/distribution.ts';
import { packagesOf } from '../../../../common/packages/packages.ts';
import { run } from '../../../../common/run.ts';
import { captureContent } from '../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { withImages } from '../../restore/layout/images.ts';

const makers: Record<string, { make: [string, ...string[]]; tools: string[] }> = {
  ext4: { make: ['mke2fs', '-q', '-t', 'ext4'], tools: ['dd', 'mke2fs', 'rm', 'tune2fs'] },
  vfat: { make: ['mkfs.fat'], tools: ['mkfs.fat'] },
  swap: { make: ['mkswap'], tools: ['mkswap'] },
  xfs: { make: ['mkfs.xfs', '-q'], tools: ['dd', 'mkfs.xfs', 'rm'] },
  btrfs: { make: ['mkfs.btrfs', '-q'], tools: ['mkfs.btrfs'] },
  f2fs: { make: ['mkfs.f2fs', '-q'], tools: ['dd', 'mkfs.f2fs', 'rm'] },
};
const debian = { distribution: parseOsRelease('ID=debian') };

async function nodeOf(make: readonly [string, ...string[]]) {
  return withImages([400 * 2 ** 20], async (image = '') => {
    await run([...make, image]);
    return { id: 'disk0:3', content: await captureContent(image, await probeDevice(image)) };
  });
}

describe('the tools that make the saved file systems again [B1]', () => {
  for (const [kind, { make, tools }] of Object.entries(makers))
    it(`${kind}: they are known from its plan, taken along, and each has a package that brings it`, async () => {
      const wanted = contentTools([await nodeOf(make)]);
      expect(wanted).toEqual(expect.arrayContaining(tools));
      const taken = new Set([...neededTools, ...Object.values(optionalTools).flat()]);
      expect(wanted.filter((tool) => !taken.has(tool))).toEqual([]);
      for (const tool of wanted.filter((name) => !neededTools.includes(name))) {
        const [name = ''] = packagesOf(tool, debian.distribution);
        const { stdout } = await run(['dpkg', '-L', name]);
        expect(stdout, `${tool} in ${name}`).toMatch(new RegExp(`/(bin|sbin)/${tool.replace('.', '\\.')}$`, 'm'));
      }
    });

  it('a machine without one cannot be saved: the restore would need it', async () => {
    const nodes = [await nodeOf(makers.f2fs?.make ?? ['false']), await nodeOf(makers.vfat?.make ?? ['false'])];
    expect(missingMakers(nodes, ['mkfs.f2fs'], debian)).toEqual([
      {
        level: 'problem',
        what: 'Missing: mkfs.f2fs. Without them a restore cannot make disk0:3 (f2fs).',
        fix: expect.stringMatching(/apt-get install f2fs-tools/),
        packages: ['f2fs-tools'],
      },
    ]);
    expect(missingMakers(nodes, [], debian)).toEqual([]);
  });
});
