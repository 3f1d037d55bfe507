import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureContent, planContent } from '../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { carryOut } from './carry-out.ts';
import { withImages } from './images.ts';

const mebibyte = 2 ** 20;

async function capture(image: string) {
  return captureContent(image, await probeDevice(image));
}

/** All that xfs_info and blkid say. */
async function described(image: string): Promise<string> {
  const info = (await run(['xfs_info', image])).stdout.replaceAll(/^meta-data=\S+ +/gm, 'meta-data=');
  const probe = await probeDevice(image);
  return `${info}\n${JSON.stringify(probe)}`;
}

async function withMount(words: readonly string[], use: () => Promise<void>): Promise<void> {
  const at = await mkdtemp(join(tmpdir(), 'rekindle-xfs-'));
  try {
    await run(['mount', ...words, at]);
    await use().finally(() => run(['umount', at]));
  } finally {
    await rmdir(at);
  }
}

async function makeAgain(source: string, target: string): Promise<void> {
  const content = await capture(source);
  if (content?.kind !== 'xfs') throw new Error('no xfs');
  const plan = planContent(content, target);
  await carryOut(plan.rehearse);
  await carryOut(plan.make);
  expect(await described(target)).toBe(await described(source));
  expect(await capture(target)).toEqual(content);
  await run(['xfs_repair', '-n', target]);
}

/** Any file system that mkfs.xfs of this machine makes: the words of its command line. */
const commandLines = fc
  .record({
    block: fc.constantFrom(1024, 2048, 4096),
    sector: fc.constantFrom(512, 1024),
    inode: fc.constantFrom(512, 1024),
    directory: fc.constantFrom(4096, 8192, 65536),
    finobt: fc.boolean(),
    rmapbt: fc.boolean(),
    reflink: fc.boolean(),
    bigtime: fc.boolean(),
    nrext64: fc.boolean(),
    sparse: fc.boolean(),
    maxpct: fc.integer({ min: 0, max: 60 }),
    stripe: fc.constantFrom('noalign', 'su=16k,sw=3', 'su=64k,sw=2', 'sunit=128,swidth=512'),
    agcount: fc.option(fc.integer({ min: 2, max: 9 })),
    log: fc.option(fc.integer({ min: 64, max: 90 })),
    label: fc.constantFrom('', 'root', 'my data', '-f'),
    sizeMiB: fc.integer({ min: 320, max: 900 }),
  })
  .map((shape) => {
    const bit = (name: string, value: boolean): string => `${name}=${value ? 1 : 0}`;
    const groups = shape.agcount === null ? '' : `,agcount=${shape.agcount}`;
    const features = [
      ...[bit('finobt', shape.finobt), bit('rmapbt', shape.rmapbt), bit('reflink', shape.reflink)],
      ...[bit('bigtime', shape.bigtime), bit('inobtcount', shape.finobt && shape.sparse)],
    ];
    return {
      bytes: shape.sizeMiB * mebibyte,
      argv: [
        ...['-b', `size=${shape.block}`, '-s', `size=${shape.sector}`, '-m', features.join(',')],
        ...['-d', `${shape.stripe}${groups}`, '-n', `size=${shape.directory}`],
        ...[
          '-i',
          `size=${shape.inode},maxpct=${shape.maxpct},${bit('sparse', shape.sparse)},${bit('nrext64', shape.nrext64)}`,
        ],
        ...(shape.log === null ? [] : ['-l', `size=${shape.log}m`]),
        ...(shape.label === '' ? [] : ['-L', shape.label]),
      ],
    };
  });

/** Words that go together: `crc=0` takes none of the newer features. */
const shapes: Record<string, { make: string[]; bytes?: number; environment?: string[] }> = {
  'as the distribution makes it': { make: [] },
  'of a distribution of 2014, without checksums': {
    make: [
      '-m',
      'crc=0,finobt=0,rmapbt=0,reflink=0',
      '-i',
      'attr=2,projid32bit=0,size=256',
      '-n',
      'ftype=0',
      '-l',
      'lazy-count=1',
    ],
  },
  'with names that ignore case and a log of version 1': {
    make: ['-m', 'crc=0', '-n', 'version=ci', '-l', 'version=1,lazy-count=0'],
  },
  'in sectors of 4096 bytes': { make: ['-s', 'size=4096', '-L', 'twelve-bytes'] },
  'small, with a small log, as mkfs made them before 5.19': {
    make: ['-d', 'agcount=2', '-l', 'size=10m'],
    bytes: 100 * mebibyte,
    environment: ['env', 'TEST_DIR=/', 'TEST_DEV=/', 'QA_CHECK_FS=1'],
  },
  'smaller than its partition': { make: ['-d', 'size=400m'] },
};

describe('xfs [C2]', () => {
  for (const [name, { make, bytes = 700 * mebibyte, environment = [] }] of Object.entries(shapes)) {
    it(`makes it again as it was: ${name}`, async () => {
      await withImages([bytes, bytes], async (source = '', target = '') => {
        const [file = '', ...rest] = [...environment, 'mkfs.xfs', '-q', '-f', ...make, source];
        await run([file, ...rest]);
        await makeAgain(source, target);
      });
    });
  }

  it('makes any again as it was', async () => {
    const property = fc.asyncProperty(commandLines, async ({ bytes, argv }) => {
      await withImages([bytes, bytes], async (source = '', target = '') => {
        // Not every combination is one: those that this mkfs.xfs refuses do not count as runs.
        const { exitCode } = await run(['mkfs.xfs', '-q', '-f', ...argv, source], { okExit: [0, 1] });
        fc.pre(exitCode === 0);
        await makeAgain(source, target);
      });
    });
    await fc.assert(property, { numRuns: 8, endOnFailure: true });
  });

  it('is mounted while another one with its UUID is', async () => {
    await withImages([320 * mebibyte, 320 * mebibyte], async (source = '', target = '') => {
      await run(['mkfs.xfs', '-q', '-f', source]);
      const content = await capture(source);
      if (content === null) throw new Error('nothing captured');
      const plan = planContent(content, target);
      await carryOut(plan.make);
      await withMount(['-o', 'loop', source], async () => {
        const options = `loop,${plan.mount?.options}`;
        await withMount(['-t', 'xfs', '-o', options, target], async () => undefined);
      });
    });
  });

  it('tells that quota limits do not come back', async () => {
    await withImages([320 * mebibyte], async (source = '') => {
      await run(['mkfs.xfs', '-q', '-f', source]);
      // This kernel has no quotas for XFS: the flags of one that had them on.
      await run(['xfs_db', '-x', '-c', 'sb 0', '-c', 'write -d qflags 0x3', source]);
      const content = await capture(source);
      if (content === null) throw new Error('nothing captured');
      expect(planContent(content, '/dev/vda1').notes).toEqual([
        '/dev/vda1: quotas are counted again, but their limits do not come back: set them again (xfs_quota)',
      ]);
    });
  });

  it('refuses a log on another device, by name', async () => {
    await withImages([320 * mebibyte, 80 * mebibyte], async (source = '', log = '') => {
      await run(['mkfs.xfs', '-q', '-f', '-l', `logdev=${log},size=70m`, source]);
      await expect(capture(source)).rejects.toMatchObject({ code: 'RK443' });
    });
  });

  it('fails in the rehearsal, not after the wipe, when this mkfs.xfs lacks a feature', async () => {
    await withImages([320 * mebibyte], async (source = '') => {
      await run(['mkfs.xfs', '-q', '-f', source]);
      const content = await capture(source);
      if (content?.kind !== 'xfs') throw new Error('no xfs');
      const plan = planContent({ ...content, features: { ...content.features, metadir: 1 } }, source);
      await expect(carryOut(plan.rehearse)).rejects.toMatchObject({ code: 'RK003' });
    });
  });
});
