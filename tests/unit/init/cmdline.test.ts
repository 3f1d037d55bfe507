import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../init/cmdline.ts';

describe('the kernel command line', () => {
  it('[A11] knows every rekindle. argument and leaves the others alone', () => {
    const text =
      'BOOT_IMAGE=/boot/vmlinuz console=tty0 console=ttyS0,115200 rekindle.set=AB12 rekindle.auto=restore rekindle.answer=/x.toml ' +
      'rekindle.shell rekindle.debug=1 rekindle.toram=0 rekindle.break=medium rekindle.console=ttyS1,115200n8,ttyS2 rekindle.modules=a,b-c\n';
    expect(parseCommandLine(text)).toEqual({
      set: 'ab12',
      auto: 'restore',
      answer: '/x.toml',
      shell: true,
      debug: true,
      toram: false,
      breakAt: 'medium',
      consoles: [
        { name: 'ttyS1', speed: 115200 },
        { name: 'ttyS2', speed: null },
      ],
      modules: ['a', 'b-c'],
      blacklist: [],
      parameters: new Map(),
      unknown: [],
    });
  });

  it('takes what modprobe would take: blacklists and parameters of modules', () => {
    const { blacklist, parameters, unknown } = parseCommandLine(
      'root=/dev/sda1 modprobe.blacklist=nouveau,snd-hda-intel usb-storage.quirks=0951:1666:u usb_storage.delay_use=5 libata.force="1:noncq 2:pio4"',
    );
    expect(blacklist).toEqual(['nouveau', 'snd_hda_intel']);
    expect(Object.fromEntries(parameters)).toEqual({
      usb_storage: 'quirks=0951:1666:u delay_use=5',
      libata: 'force="1:noncq 2:pio4"',
    });
    expect(unknown).toEqual([]);
  });

  it('names what it does not understand instead of ignoring it', () => {
    expect(parseCommandLine('rekindle.brake=medium rekindle.break=nowhere').unknown).toEqual([
      'rekindle.brake=medium',
      'rekindle.break=nowhere',
    ]);
  });
});
