/**
 * Small files of the rescue system that no machine has. They stand here as text, not as files in
 * rootfs-overlay/, because the builder is one executable and must carry them itself.
 */
export const rescueFiles: Record<string, { content: string; mode: number }> = {
  '/etc/passwd': {
    content: 'root::0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
    mode: 0o644,
  },
  '/etc/group': {
    content: [
      'root:x:0:',
      'tty:x:5:',
      'disk:x:6:',
      'lp:x:7:',
      'kmem:x:15:',
      'dialout:x:20:',
      'cdrom:x:24:',
      'tape:x:26:',
      'audio:x:29:',
      'video:x:44:',
      'input:x:101:',
      'kvm:x:102:',
      'render:x:103:',
      'sgx:x:104:',
      '',
    ].join('\n'),
    mode: 0o644,
  },
  '/etc/nsswitch.conf': { content: 'passwd: files\ngroup: files\nhosts: files dns\n', mode: 0o644 },
  '/etc/hosts': { content: '127.0.0.1 localhost rekindle\n::1 localhost\n', mode: 0o644 },
  '/etc/hostname': { content: 'rekindle\n', mode: 0o644 },
  '/etc/fstab': { content: '', mode: 0o644 },
  '/etc/issue': { content: 'Rekindle rescue system\n', mode: 0o644 },
  '/root/.profile': {
    content: [
      "PS1='rekindle:\\w # '",
      'export PAGER=less EDITOR=nano',
      'echo "Rekindle rescue system. The medium is on /run/rekindle/medium."',
      'echo "  less /usr/share/doc/rekindle/by-hand.md             restores by hand"',
      'echo "  lsblk -o NAME,SIZE,MODEL,SERIAL,FSTYPE,MOUNTPOINT   shows the disks"',
      'echo "  less /run/rekindle/rekindle.log                     shows the log"',
      '',
    ].join('\n'),
    mode: 0o644,
  },
};
