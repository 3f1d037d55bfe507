/** /etc/default/grub of every source machine: it speaks on the screen and on the serial line, and waits for nobody. */
export const grubSettings = `${[
  'GRUB_DEFAULT=0',
  'GRUB_TIMEOUT=1',
  'GRUB_CMDLINE_LINUX_DEFAULT=""',
  'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"',
  'GRUB_TERMINAL=console',
  'GRUB_DISABLE_OS_PROBER=true',
].join('\n')}\n`;
