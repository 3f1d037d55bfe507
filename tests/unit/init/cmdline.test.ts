import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../init/cmdline.ts';

describe('the kernel command line', () => {
  it('[A11] knows every rekindle. argument and leaves the others alone', () => {
    const text =
      'BOOT_IMAGE=/boot/vmlinuz console=tty0 console=ttyS0,115200 rekindle.set=AB12 rekindle.auto=restore rekindle.answer=/x.toml ' +
      'rekindle.shell rekindle.debug=1 rekindle.toram=0 rekindle.break=medium rekindle.console=ttyS1,ttyS2 rekindle.modules=a,b-c\n';
    expect(parseCommandLine(text)).toEqual({
      set: 'ab12',
      auto: 'restore',
      answer: '/x.toml',
      shell: true,
      debug: true,
      toram: false,
      breakAt: 'medium',
      consoles: ['ttyS1', 'ttyS2'],
      modules: ['a', 'b-c'],
      unknown: [],
    });
  });

  it('names what it does not understand instead of ignoring it', () => {
    expect(parseCommandLine('rekindle.brake=medium rekindle.break=nowhere').unknown).toEqual([
      'rekindle.brake=medium',
      'rekindle.break=nowhere',
    ]);
  });
});
