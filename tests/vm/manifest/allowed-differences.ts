import type { Entry } from './entry.ts';

export interface AllowedDifference {
  /** Path below its partition, without the partition's prefix. */
  path: RegExp;
  /** Which fields may differ; 'missing' and 'extra' are the file itself. */
  fields: readonly (keyof Entry | 'missing' | 'extra')[];
  reason: string;
}

/**
 * THE list: every difference between a source and its restored target that is right. The source went on living after
 * `create` had read it (it had to be shut down), the target got what a restore must add. Review each change of it.
 */
export const allowedDifferences: readonly AllowedDifference[] = [
  {
    path: /^(\/var)?(\/log)?\/rekindle(\/|$)/,
    fields: ['extra'],
    reason: 'the log, the journal and the marker of the restore',
  },
  {
    path: /^(\/var)?(\/log)?\/rekindle(\/create\.log(\.1)?)?$/,
    fields: ['mtime', 'size', 'sha256', 'missing'],
    reason: 'create logs what it does while it saves the machine',
  },
  { path: /^\/var\/log$/, fields: ['mtime'], reason: 'the directory that got the log' },
  {
    path: /^(\/boot)?\/grub\/(i386-pc(\/.*)?|locale(\/.*)?|fonts(\/.*)?|grubenv)?$/,
    fields: ['mtime', 'sha256', 'size', 'extra', 'flags', 'mode', 'xattrs'],
    reason: 'grub-install writes its modules and core.img again',
  },
  { path: /^(\/boot)?\/grub$/, fields: ['mtime'], reason: 'grub-install writes into it' },
  {
    path: /^\/var\/log\/(journal(\/.*)?|wtmp|lastlog|btmp)$/,
    fields: ['mtime', 'sha256', 'size', 'missing', 'extra', 'sparse', 'flags', 'xattrs'],
    reason: 'the source logged its own shutdown',
  },
  {
    path: /^\/var\/lib\/systemd(\/(random-seed|timesync(\/.*)?|timers(\/.*)?|linger))?$/,
    fields: ['mtime', 'sha256', 'size', 'missing', 'extra'],
    reason: 'the source wrote it at its shutdown',
  },
  {
    path: /^\/etc\/(adjtime|\.updated|resolv\.conf)$/,
    fields: ['mtime', 'sha256', 'size', 'missing'],
    reason: 'the source wrote it at its shutdown',
  },
  {
    path: /^(\/var)?\/tmp(\/.*)?$/,
    fields: ['mtime', 'missing', 'extra'],
    reason: 'systemd removes its private directories at shutdown',
  },
  {
    path: /^\/root(\/\.bash_history)?$/,
    fields: ['mtime', 'sha256', 'size', 'missing'],
    reason: 'the shell in which create ran wrote its history when it ended',
  },
  {
    path: /^\/etc\/lvm\/(archive|backup)(\/.*)?$/,
    fields: ['mtime', 'sha256', 'size', 'missing'],
    reason: 'LVM wrote its backups when the snapshot that was read was made and removed',
  },
  {
    path: /^\/var\/cache\/rekindle(\/.*)?$/,
    fields: ['mtime', 'missing'],
    reason: 'create keeps the packed executable there, while / is being read',
  },
  {
    path: /^\/var\/lib\/rekindle(\/snapshots(\/.*)?)?$/,
    fields: ['mtime', 'missing'],
    reason: "create keeps tar's snapshots there, once the medium is complete",
  },
  { path: /^\/var\/cache$/, fields: ['mtime'], reason: 'create made its cache there' },
  { path: /^\/srv\/socket$/, fields: ['missing'], reason: 'sockets are not saved; a note names each' },
  { path: /^\/srv$/, fields: ['mtime'], reason: 'its socket is not there' },
  { path: /^\/lost\+found$/, fields: ['mtime', 'size'], reason: 'made by mke2fs' },
];
