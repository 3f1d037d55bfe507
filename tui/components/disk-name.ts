import { formatBytes } from '../../common/format.ts';

interface NamedDisk {
  name: string;
  model: string;
  serial: string | null;
  sizeBytes: number;
}

/** 'vda  WD SN770  serial 2303A8  1.00 TB': a device name alone tells nobody which disk it is. */
export function diskName({ name, model, serial, sizeBytes }: NamedDisk): string {
  return [name, model || 'no model', `serial ${serial ?? 'none'}`, formatBytes(sizeBytes)].join('  ');
}
