import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureContent, planContent, resizerOf } from '../../../../restore/layout/content.ts';
import { overprovisionPercent, segmentsKeptBack } from '../../../../restore/layout/f2fs-superblock.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { withMargin } from '../../../../restore/layout/resizer.ts';
import type { Content } from '../../../../restore/layout/schema.ts';
import { carryOut } from './carry-out.ts';
import { withImages } from './images.ts';

const mebibyte = 2 ** 20;

async function capture(image: string): Promise<Content> {
  const content = await captureContent(image, await probeDevice(image));
  if (content === null) throw new Error('nothing captured');
  return content;
}

/** Superblock and checkpoint in the words of its own tool, without what is new each time; and what blkid says. */
async function described(image: string): Promise<string> {
  const { stdout } = await run(['fsck.f2fs', '-l', image]);
  const probe = await probeDevice(image);
  const kept = stdout
    .split('\n')
    .filter((line) => !/^(checkpoint_ver|crc|version|elapsed_time|sit_nat_version_bitmap)\b/.test(line));
  return `${kept.join('\n')}\n${JSON.stringify(probe)}`;
}

async function field(image: string, name: string): Promise<number> {
  const { stdout } = await run(['fsck.f2fs', '-l', image]);
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(stdout)?.[1]);
}

async function isSound(image: string): Promise<boolean> {
  return (await run(['fsck.f2fs', '--dry-run', image], { okExit: [0, 1, 4, 255] })).exitCode === 0;
}

async function makeAgain(source: string, target: string): Promise<void> {
  const content = await capture(source);
  expect(content.kind).toBe('f2fs');
  const plan = planContent(content, target);
  await carryOut(plan.rehearse);
  await carryOut(plan.make);
  expect(await described(target)).toBe(await described(source));
  expect(await capture(target)).toEqual(content);
  // Of some rare shapes fsck.f2fs thinks ill as soon as they are made.
  expect(await isSound(target)).toBe(await isSound(source));
}

/** Any file system that mkfs.f2fs of this machine makes: the words of its command line. */
const commandLines = fc
  .record({
    features: fc.subarray(['project_quota', 'quota', 'inode_checksum', 'inode_crtime', 'compression', 'lost_found']),
    sum: fc.boolean(),
    casefold: fc.constantFrom(null, 'utf8', 'utf8:strict'),
    share: fc.option(fc.double({ min: 2, max: 40, noNaN: true })),
    section: fc.constantFrom(1, 1, 2, 3),
    zone: fc.constantFrom(1, 1, 2),
    nodes: fc.boolean(),
    endings: fc.constantFrom([], ['-e', 'foo,mp3'], ['-e', 'x', '-E', 'bar,db']),
    label: fc.constantFrom('', 'root', 'my data', '-f', 'Ünïcode 💾'),
    sizeMiB: fc.integer({ min: 200, max: 1500 }),
    odd: fc.integer({ min: 0, max: 255 }),
  })
  .map((shape) => {
    const needing = shape.features.some((name) => name !== 'quota' && name !== 'lost_found');
    const features = [
      ...(needing || shape.casefold !== null ? ['extra_attr'] : []),
      ...[...shape.features, ...(shape.sum ? ['sb_checksum'] : []), ...(shape.casefold === null ? [] : ['casefold'])],
    ];
    return {
      bytes: shape.sizeMiB * mebibyte + shape.odd * 4096,
      argv: [
        ...(features.length === 0 ? [] : ['-O', features.join(',')]),
        ...(shape.casefold === null ? [] : ['-C', shape.casefold]),
        ...(shape.share === null || shape.section * shape.zone > 1 ? [] : ['-o', `${shape.share}`]),
        ...['-s', `${shape.section}`, '-z', `${shape.zone}`, ...(shape.nodes ? ['-i'] : []), ...shape.endings],
        ...(shape.label === '' ? [] : ['-l', shape.label]),
      ],
    };
  });

const shapes: Record<string, { make: string[]; sectors?: number }> = {
  'as the distribution makes it': { make: [] },
  'with all that can be filled': {
    make: [
      ...['-O', 'extra_attr,project_quota,quota,inode_checksum,sb_checksum,compression,flexible_inline_xattr'],
      ...['-O', 'inode_crtime,lost_found,casefold', '-C', 'utf8:strict', '-l', 'all of it'],
    ],
  },
  // The only share that gives these numbers: the ranges of both meet in it.
  'with a share to its last digit': { make: ['-o', '40'], sectors: 409_600 },
  'smaller than its partition': { make: ['-l', 'small'], sectors: 700_000 },
};

describe('f2fs [C2]', () => {
  for (const [name, { make, sectors }] of Object.entries(shapes))
    it(`makes it again as it was: ${name}`, async () => {
      await withImages([700 * mebibyte, 700 * mebibyte], async (source = '', target = '') => {
        const size = sectors === undefined ? [] : [`${sectors}`];
        await run(['mkfs.f2fs', '-q', '-f', ...make, source, ...size]);
        await makeAgain(source, target);
      });
    });

  it('makes any again as it was', async () => {
    const property = fc.asyncProperty(commandLines, async ({ bytes, argv }) => {
      await withImages([bytes, bytes], async (source = '', target = '') => {
        // Not every combination is one: those that this mkfs.f2fs refuses do not count as runs.
        const { exitCode } = await run(['mkfs.f2fs', '-q', '-f', ...argv, source], { okExit: [0, 1, 255] });
        fc.pre(exitCode === 0);
        await makeAgain(source, target);
      });
    });
    await fc.assert(property, { numRuns: 16, endOnFailure: true });
  });

  it('tells what does not come back', async () => {
    await withImages([200 * mebibyte], async (source = '') => {
      await run(['mkfs.f2fs', '-q', '-f', '-O', 'extra_attr,quota,compression,casefold', '-C', 'utf8', source]);
      expect(planContent(await capture(source), '/dev/vda1').notes).toEqual([
        expect.stringMatching(/^\/dev\/vda1: directories that ignore case/),
        expect.stringMatching(/limits do not come back/),
      ]);
    });
  });

  for (const [feature, why] of [
    ['encrypt', /fscrypt/],
    ['verity', /fs-verity/],
    ['ro', /read only/],
  ] as const)
    it(`refuses the feature ${feature}, by name`, async () => {
      await withImages([200 * mebibyte], async (source = '') => {
        await run(['mkfs.f2fs', '-q', '-f', '-O', feature, source]);
        await expect(capture(source)).rejects.toMatchObject({ code: 'RK442', reason: expect.stringMatching(why) });
      });
    });

  it('refuses one that lies on several devices', async () => {
    await withImages([200 * mebibyte, 200 * mebibyte], async (source = '', second = '') => {
      await run(['mkfs.f2fs', '-q', '-f', '-c', second, source]);
      await expect(capture(source)).rejects.toMatchObject({
        code: 'RK443',
        reason: `${source}: it lies on several devices`,
      });
    });
  });

  it('fails in the rehearsal, not after the wipe, when this mkfs.f2fs lacks a feature', async () => {
    await withImages([200 * mebibyte], async (source = '') => {
      await run(['mkfs.f2fs', '-q', '-f', source]);
      const content = await capture(source);
      if (content.kind !== 'f2fs') throw new Error('no f2fs');
      const plan = planContent({ ...content, features: ['0x80000000'] }, source);
      await expect(carryOut(plan.rehearse)).rejects.toMatchObject({ code: 'RK003' });
    });
  });
});

describe('f2fs at another size [C5]', () => {
  const loads = fc.record({
    bytes: fc.integer({ min: 0, max: 2 ** 40 }),
    files: fc.integer({ min: 1, max: 5_000_000 }),
  });

  for (const sections of [[], ['-s', '4', '-z', '2']])
    it(`has room for any load at its smallest size ${sections.join(' ')}`, async () => {
      await withImages([512 * mebibyte], async (source = '') => {
        await run(['mkfs.f2fs', '-q', '-f', ...sections, source]);
        const content = await capture(source);
        const property = fc.asyncProperty(loads, async (load) => {
          const smallest = resizerOf(content)?.minimumBytes(content, load) ?? 0;
          await withImages([smallest], async (target = '') => {
            const sized = resizerOf(content)?.at(content, smallest, load) ?? content;
            await carryOut(planContent(sized, target).make);
            // Two blocks a file, and one for each 1,018 of data.
            const needed = withMargin(load.bytes + load.files * 8192 + load.bytes / 1018);
            expect((await field(target, 'user_block_count')) * 4096).toBeGreaterThan(needed);
          });
        });
        await fc.assert(property, {
          numRuns: 12,
          examples: [[{ bytes: 0, files: 1 }], [{ bytes: 1e9, files: 2e4 }]],
        });
        expect(resizerOf(content)?.at(content, 512 * mebibyte, { bytes: 0, files: 0 })).toEqual(content);
      });
    });

  it('asks for a share that gives the same segments again, or for none', () => {
    expect(overprovisionPercent({ reserved: 39, overprovision: 68, main: 502 })).toBeCloseTo(6.36, 1);
    expect(overprovisionPercent({ reserved: 39, overprovision: 200, main: 502 })).toBeNull();
    expect(overprovisionPercent({ reserved: 0, overprovision: 0, main: 502 })).toBeNull();
    expect(overprovisionPercent({ reserved: 13, overprovision: 45, main: 93 })).toBe(40);
    const shares = fc.double({ min: 2, max: 40, noNaN: true });
    const property = fc.property(shares, fc.integer({ min: 80, max: 1_000_000 }), (share, main) => {
      const asked = segmentsKeptBack(share, main);
      fc.pre(main > asked.reserved);
      const percent = overprovisionPercent({ ...asked, main });
      expect(percent).not.toBeNull();
      expect(segmentsKeptBack(percent ?? 0, main)).toEqual(asked);
    });
    fc.assert(property, {
      numRuns: 20000,
      examples: [
        [40, 93],
        [33.333333333333336, 508],
        [2, 258],
      ],
    });
  });
});
