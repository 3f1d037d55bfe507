import { describe, expect, it } from 'vitest';
import { archiveTitle, hiddenPlace } from '../../../../restore/archive/archive-title.ts';

const archive = { node: 'disk0:2', device: 'sda2' };

describe('what an archive is called', () => {
  it('is its mount point, where the machine shows it', () => {
    expect(archiveTitle({ ...archive, mountPoint: '/home' })).toBe('/home');
    expect(archiveTitle({ ...archive, mountPoint: '/home', subvolume: '@home' })).toBe('/home');
  });

  it('is the subvolume and its device, where no mount shows it', () => {
    const of = (subvolume: string, device?: string) =>
      archiveTitle({ node: 'disk0:2', device, subvolume, mountPoint: hiddenPlace('disk0:2', subvolume) });
    expect(of('@home', 'sda2')).toBe('btrfs subvolume @home of sda2');
    expect(of('@/.snapshots', 'nvme0n1p2')).toBe('btrfs subvolume @/.snapshots of nvme0n1p2');
    expect(of('', 'sda2')).toBe('top level of the btrfs on sda2');
    // Sets of earlier versions do not name the device.
    expect(of('@home')).toBe('btrfs subvolume @home of disk0:2');
  });

  it('is no other name for a place that somebody really has', () => {
    expect(archiveTitle({ ...archive, mountPoint: '/.subvolumes/disk0-2/@home' })).toBe('/.subvolumes/disk0-2/@home');
    expect(archiveTitle({ ...archive, mountPoint: '/.subvolumes/x', subvolume: '@home' })).toBe('/.subvolumes/x');
  });

  it('is the device of a partition that is copied as it is', () => {
    expect(archiveTitle({ ...archive, mountPoint: 'disk0:2', method: 'dd' })).toBe('sda2');
    expect(archiveTitle({ node: 'disk0:2', mountPoint: 'disk0:2', method: 'dd' })).toBe('disk0:2');
  });
});
