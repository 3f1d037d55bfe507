import { describe, expect, it } from 'vitest';
import { type TargetPath, targetPaths } from '../../../../restore/plan/target-paths.ts';

function of(...argv: [string, ...string[]]): string[] {
  return targetPaths({ type: 'run', argv }).map(({ root, path }: TargetPath) => `${root} ${path}`);
}

describe('[A5] paths of an action below what is restored', () => {
  it.each([
    ['of=/mnt/target/swap file', ['/mnt/target swap file']],
    ['--boot-directory=/mnt/target/boot', ['/mnt/target boot']],
    ['/mnt/target/a:/x', ['/mnt/target a:/x', '/mnt/target a']],
    [
      'lower=/mnt/target/a,upper=/mnt/alone/n/b',
      ['/mnt/target a,upper=/mnt/alone/n/b', '/mnt/target a', '/mnt/alone/n b'],
    ],
    ['/mnt/alone/disk0-5/@home', ['/mnt/alone/disk0-5 @home']],
    ['/mnt/target/two\nlines', ['/mnt/target two\nlines']],
    ['/mnt/target', []],
    ['/mnt/alone/disk0-5', []],
    ['/mnt/targets/a', []],
    ['/srv/mnt/target/a', []],
  ])('%j', (word, paths) => {
    expect(of('tool', word)).toEqual(paths);
  });

  it('are the folders of what is removed or replaced', () => {
    expect(of('rm', '-f', '/mnt/target/a/b')).toEqual(['/mnt/target a']);
    expect(of('mv', '-T', '/mnt/target/a', '/mnt/target/b/c')).toEqual(['/mnt/target b']);
    expect(of('mv', '/mnt/target/a', '/mnt/target/b/c')).toEqual(['/mnt/target a', '/mnt/target b/c']);
  });

  it('are none of what a chroot runs', () => {
    expect(of('chroot', '/mnt/target', 'cat', '/mnt/target/a')).toEqual([]);
  });

  it('are those of marks, and of what is mounted to get flags', () => {
    const marks = targetPaths({ type: 'copy-log', root: '/mnt/target', marks: ['/mnt/target/boot'] });
    expect(marks).toEqual([{ root: '/mnt/target', path: 'boot' }]);
    expect(targetPaths({ type: 'inode-flags', archive: '000', at: '/mnt/alone/n/a' })).toHaveLength(1);
  });
});
