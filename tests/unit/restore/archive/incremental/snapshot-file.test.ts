import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asBase, prepareSnapshot } from '../../../../../restore/archive/incremental/snapshot-file.ts';
import { streamOf } from '../../../../fixtures/framed-archive.ts';
import { temporaryDirectory } from '../../../build/temporary.ts';

async function changed(bytes: Buffer, chunk: number): Promise<string> {
  return Buffer.concat(await Array.fromAsync(asBase(streamOf(bytes, chunk), 'x.snar'))).toString('latin1');
}

/** A tree, and the snapshot that tar makes of it. */
async function sample(): Promise<{ directory: string; snapshot: Buffer }> {
  const directory = await temporaryDirectory();
  const tree = join(directory, 'tree');
  mkdirSync(join(tree, 'empty'), { recursive: true });
  mkdirSync(join(tree, 'line\nbreak'));
  writeFileSync(join(tree, 'line\nbreak/file'), '');
  execFileSync('touch', ['-d', '1955-11-05 06:15:00.5', join(tree, 'empty')]);
  const argv = ['-cf', '/dev/null', `--listed-incremental=${join(directory, 's.snar')}`, '-C', tree, '.'];
  execFileSync('tar', argv);
  return { directory, snapshot: readFileSync(join(directory, 's.snar')) };
}

describe('a snapshot as the base of the next', () => {
  it('[B10] knows no device and is a second older, all else is as tar wrote it', async () => {
    const { snapshot } = await sample();
    const fields = snapshot.toString('latin1').split('\0');
    const [, seconds = ''] = /-2\n(\d+)$/.exec(fields[0] ?? '') ?? [];
    const out = (await changed(snapshot, 1 << 20)).split('\0');
    const differing = out.flatMap((field, index) => (field === fields[index] ? [] : [field]));
    expect(out).toHaveLength(fields.length);
    expect(differing[0]).toBe(fields[0]?.replace(seconds, String(Number(seconds) - 1)));
    expect(differing.slice(1)).toEqual(['0', '0', '0']);
    for (const chunk of [1, 2, 7, 100]) expect((await changed(snapshot, chunk)).split('\0')).toEqual(out);
  });

  it('that is damaged or cut short is refused (RK357)', async () => {
    const { snapshot, directory } = await sample();
    const cut = [10, 40, snapshot.length - 1].map((length) => snapshot.subarray(0, length));
    for (const bytes of [...cut, Buffer.from('no snapshot\n\0'), Buffer.concat([snapshot, Buffer.from('0\0x\0')])])
      await expect(changed(bytes, 100)).rejects.toMatchObject({ code: 'RK357' });
    const missing = { base: join(directory, 'missing.snar'), output: join(directory, 'out') };
    await expect(prepareSnapshot(missing)).rejects.toMatchObject({ code: 'RK357' });
  });

  it('[B10] makes tar tell of no renamed directory, which might be a new one with an old inode', async () => {
    const { directory } = await sample();
    const tree = join(directory, 'tree');
    execFileSync('mv', [join(tree, 'line\nbreak'), join(tree, 'renamed')]);
    const argv = (snapshot: string): string[] => [
      '-c',
      '--format=posix',
      `--listed-incremental=${snapshot}`,
      '--no-check-device',
      '-C',
      tree,
      '.',
    ];
    await prepareSnapshot({ base: join(directory, 's.snar'), output: join(directory, 'base') });
    const ours = execFileSync('tar', argv(join(directory, 'base'))).toString('latin1');
    const plain = execFileSync('tar', argv(join(directory, 's.snar'))).toString('latin1');
    expect(plain).toContain('\0R./line\nbreak\0T./renamed\0');
    expect(ours).not.toContain('T./renamed');
    expect(ours).toContain('./renamed/file');
  });
});
