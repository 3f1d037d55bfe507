import type { DevicesAnswer } from '../../restore/plan/part/device-here.ts';
import { target } from './states.ts';

export const disk = { ...target, path: '/dev/vdb', name: 'vdb', model: 'IronWolf', serial: 'ZL2' };
/** A test may give it another name. */
export const device = {
  path: '/dev/vdb5',
  name: 'vdb5',
  sizeBytes: 40e9,
  uuid: null,
  disks: [disk],
  refusal: null,
  type: 'ext4',
  content: 'ext4 "old home"',
};
export const devices: DevicesAnswer = {
  fileSystems: [
    { name: '/', type: 'ext4', bytes: 9.1e9, files: 214_337 },
    { name: '/home', type: 'xfs', bytes: 37e9, files: 1_248_882 },
  ],
  devices: [
    device,
    { ...device, path: '/dev/vdb6', name: 'vdb6', type: null, content: '' },
    { ...device, path: '/dev/vdc1', name: 'vdc1', type: 'vfat', content: 'vfat', refusal: 'this medium' },
    { ...device, path: '/dev/vda2', name: 'vda2', type: 'ext4', content: 'ext4', refusal: 'in use: mounted on /mnt' },
  ],
};
