import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { unmount } from './machine.ts';
import { at, type, undo } from './session.ts';

describe('docs/by-hand.md, with a hostile index', () => {
  const command = (): string => `a[$(>${at('pwned')})]`;
  const write = (lines: string): void => {
    mkdirSync(at('set/archives'), { recursive: true });
    writeFileSync(at('set/archives/001-root.tar.zst'), 'x');
    writeFileSync(at('set/archives/001-root.tar.zst.idx'), zstdCompressSync(Buffer.from(lines)));
  };

  it('computes with no word of it, and sets no flags elsewhere', async () => {
    mkdirSync(at('target'));
    mkdirSync(at('victim'));
    writeFileSync(at('victim/f'), '');
    await run(['mount', '-t', 'tmpfs', 'none', at('target')]);
    undo.push(() => unmount(at('target')));
    symlinkSync(at('victim'), at('target/x'));
    const names = ['./../victim/f', './x/f', './x', '/etc', './\\056\\056/victim/f', './f\\c'];
    write(
      `A\t${command()}\t0\t./f\nA\t40\t${command()}\t./f\n${names.map((name) => `A\t40\t5\t${name}\n`).join('')}E\n`,
    );
    const { shown } = await type([
      ['functions', { SET: at('set'), KEY: '' }],
      ['attributes', { ARCHIVE: '001-root', TARGET: at('target') }],
    ]);
    expect(shown.match(/are no flags|leads elsewhere|leads through a link|: the index is not sound/g)).toHaveLength(8);
    expect(shown).not.toMatch(/chattr:/);
    expect((await run(['lsattr', at('victim/f')])).stdout).not.toMatch(/d.* /);
    expect(existsSync(at('pwned'))).toBe(false);
  });

  it('looks for damage at no place that is no number', async () => {
    mkdirSync(at('target'));
    write(`F\t0\t${command()}\t1\t${command()}\t1\tx\tx\nF\t1\t0\t1\t${command()}\t${command()}\tx\tx\nE\n`);
    const { shown } = await type([
      ['functions', { SET: at('set'), KEY: '' }],
      ['damaged frames', { ARCHIVE: '001-root', WORK: at('work') }],
    ]);
    expect(shown).toContain('is no number');
    expect(readFileSync(at('work/bad'), 'utf8')).toBe('');
    writeFileSync(at('work/lost'), `${command()} ${command()} x\n`);
    await type([
      ['functions', { SET: at('set'), KEY: '' }],
      ['salvage', { WORK: at('work'), TARGET: at('target') }],
    ]);
    expect(existsSync(at('pwned'))).toBe(false);
  });
});
