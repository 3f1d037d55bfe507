import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { assertLayout } from '../../../../restore/layout/assert-layout.ts';
import { captureContent, planContent } from '../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { parseSuperblock } from '../../../../restore/layout/superblock.ts';
import { keptMountOptions, mountOptionsSchema } from '../../../../restore/layout/words-schema.ts';
import { richLayout } from '../../../fixtures/rich-layout.ts';
import { carryOut } from './carry-out.ts';
import { withImages } from './images.ts';

const size = 2 ** 23;

const labels = [
  'a\nTYPE=ntfs',
  'a\nUUID=x',
  'x\nBlock size: 1',
  'a^Jb',
  'a\\nb',
  'a\\x0ab',
  'Grüße "d"',
  "it's $(x)",
  '<none>',
  'a  b',
];

async function ext2(image: string, label: string): Promise<void> {
  await run(['mke2fs', '-q', '-F', '-t', 'ext2', '-L', label, image]);
}

describe('[A5] [C2] names that the tools print', () => {
  it.each(labels)('do not change what is read, and come back: the label %j', async (label) => {
    await withImages([size, size], async (source = '', target = '') => {
      await ext2(source, label);
      const probe = await probeDevice(source);
      expect(probe).toMatchObject({ TYPE: 'ext2', LABEL: label });
      expect(Object.keys(probe).toSorted()).toEqual(
        ['BLOCK_SIZE', 'LABEL', 'TYPE', 'USAGE', 'UUID', 'VERSION'].toSorted(),
      );
      const content = await captureContent(source, probe);
      if (content === null) throw new Error('nothing captured');
      expect(content).toMatchObject({ blockBytes: 1024, label, uuid: probe.UUID });
      await carryOut(planContent(content, target).make);
      expect(await probeDevice(target)).toEqual(probe);
    });
  });

  it('of a superblock do not pass for its fields', async () => {
    await withImages([size], async (source = '') => {
      await ext2(source, 'plain');
      const { stdout } = await run(['dumpe2fs', '-h', source]);
      const honest = parseSuperblock(stdout, 'ext2', source);
      const lines = ['Filesystem UUID: x', 'Block size: 1', 'Filesystem features: encrypt', 'Journal UUID: x'].join(
        '\n',
      );
      for (const field of ['Filesystem volume name', 'Last mounted on']) {
        const odd = stdout.replace(new RegExp(`^${field}:.*$`, 'm'), `${field}: x\n${lines}`);
        expect(odd).not.toBe(stdout);
        expect(parseSuperblock(odd, 'ext2', source)).toEqual(honest);
      }
    });
  });
});

describe('[A1] what no restore would read', () => {
  it('is named while the machine is saved, with its value and where it is', () => {
    const layout = richLayout();
    const [first] = layout.nodes;
    if (first === undefined) throw new Error('no node');
    const at = '/mnt/a\nb';
    const nodes = layout.nodes.map((node) => (node === first ? { ...node, mount: { at, options: 'rw' } } : node));
    expect(() => assertLayout({ ...layout, nodes })).toThrow(
      expect.objectContaining({
        code: 'RK429',
        reason: `mount.at of ${first.id} ${JSON.stringify(at)}: has a control character in it`,
      }),
    );
    const swapFiles = layout.swapFiles?.map((file) => ({ ...file, path: '/x/../y' })) ?? [];
    expect(() => assertLayout({ ...layout, swapFiles })).toThrow(
      expect.objectContaining({ code: 'RK429', reason: expect.stringContaining('swapFiles.0.path "/x/../y": ') }),
    );
    expect(assertLayout(layout)).toEqual(layout);
  });

  it('is left out of the mount options, which are for people', () => {
    const options = 'rw,context="system_u:object_r:tmp_t:s0:c1,c2",logdev=/dev/sdz,x-a b,subvol=/my data,usrjquota=q';
    expect(keptMountOptions(options)).toBe('rw,context="system_u:object_r:tmp_t:s0:c1,subvol=/my data,usrjquota=q');
    expect(mountOptionsSchema.safeParse(keptMountOptions(options)).success).toBe(true);
    expect(keptMountOptions('')).toBe('');
  });
});
